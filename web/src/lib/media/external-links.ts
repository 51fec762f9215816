/** Pages of providers that people know by sight. Pure. */

export interface ExternalPage {
  provider: string;
  href: string;
}

const PERSON_PAGES: Record<string, (id: string) => string> = {
  imdb: (id) => `https://www.imdb.com/name/${id}/`,
  tmdb: (id) => `https://www.themoviedb.org/person/${id}`,
  tvdb: (id) => `https://thetvdb.com/people/${id}`,
  tvmaze: (id) => `https://www.tvmaze.com/people/${id}`,
  wikidata: (id) => `https://www.wikidata.org/wiki/${id}`,
};

const isSeries = (kind: string) => kind === 'series';

const ITEM_PAGES: Record<string, (id: string, kind: string) => string> = {
  imdb: (id) => `https://www.imdb.com/title/${id}/`,
  tmdb: (id, kind) => `https://www.themoviedb.org/${isSeries(kind) ? 'tv' : 'movie'}/${id}`,
  tvdb: (id, kind) => `https://thetvdb.com/dereferrer/${isSeries(kind) ? 'series' : 'movie'}/${id}`,
  tvmaze: (id) => `https://www.tvmaze.com/shows/${id}`,
  wikidata: (id) => `https://www.wikidata.org/wiki/${id}`,
};

export const personLinks = (ids: Record<string, string>): ExternalPage[] =>
  linksOf(ids, (provider, id) => PERSON_PAGES[provider]?.(id));

/** Only of what has a page of its own everywhere: films and series. */
export const itemLinks = (kind: string, ids: Record<string, string>): ExternalPage[] =>
  kind === 'movie' || isSeries(kind)
    ? linksOf(ids, (provider, id) => ITEM_PAGES[provider]?.(id, kind))
    : [];

function linksOf(
  ids: Record<string, string>,
  page: (provider: string, id: string) => string | undefined,
): ExternalPage[] {
  return Object.entries(ids).flatMap(([provider, id]) => {
    const href = page(provider, encodeURIComponent(id));
    return href ? [{ provider, href }] : [];
  });
}
