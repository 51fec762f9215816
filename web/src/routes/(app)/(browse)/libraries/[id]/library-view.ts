/** What a grid shows, as it stands in the address. Pure. */
import type { ItemFilter, ItemSort } from '$lib/api/types';

export const SORTS: ItemSort[] = [
  'title',
  'added_at',
  'released_on',
  'rating',
  'runtime_ms',
  'last_played_at',
];
export const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
export const SEEN = ['all', 'unplayed', 'played', 'favourites'] as const;
export type Seen = (typeof SEEN)[number];

export interface LibraryView {
  sort: ItemSort;
  direction: 'asc' | 'desc';
  seen: Seen;
  genre: string;
  /** First year of a decade. */
  decade: number | undefined;
  letter: string;
}

/** Names read from A; of dates, ratings and lengths the large end is the interesting one. */
export const usualDirection = (sort: ItemSort) => (sort === 'title' ? 'asc' : 'desc');

/** Whatever an address says that we do not know counts as not said. */
export function readView(search: URLSearchParams): LibraryView {
  const sort = oneOf(SORTS, search.get('sort')) ?? 'title';
  const decade = Number(search.get('decade'));
  const letter = search.get('letter') ?? '';
  return {
    sort,
    direction: oneOf(['asc', 'desc'] as const, search.get('direction')) ?? usualDirection(sort),
    seen: oneOf(SEEN, search.get('seen')) ?? 'all',
    genre: search.get('genre') ?? '',
    decade: decade >= 1800 && decade < 2200 ? Math.floor(decade / 10) * 10 : undefined,
    letter: /^[A-Z]$/.test(letter) ? letter : '',
  };
}

/** The address of a view; what is usual is left out, so that addresses stay short. */
export function viewAddress(view: LibraryView): string {
  const search = new URLSearchParams();
  if (view.sort !== 'title') search.set('sort', view.sort);
  if (view.direction !== usualDirection(view.sort)) search.set('direction', view.direction);
  if (view.seen !== 'all') search.set('seen', view.seen);
  if (view.genre) search.set('genre', view.genre);
  if (view.decade) search.set('decade', String(view.decade));
  if (view.letter) search.set('letter', view.letter);
  return `?${search}`;
}

export const isFiltered = (view: LibraryView): boolean =>
  view.seen !== 'all' || !!view.genre || !!view.decade || !!view.letter;

/** The same view as a question to the server. */
export function toFilter(view: LibraryView): ItemFilter {
  return {
    sort: view.sort,
    direction: view.direction,
    played: view.seen === 'played' ? true : view.seen === 'unplayed' ? false : undefined,
    favourite: view.seen === 'favourites' ? true : undefined,
    genre: view.genre || undefined,
    year_from: view.decade,
    year_to: view.decade && view.decade + 9,
    starts_with: view.letter || undefined,
  };
}

function oneOf<T extends string>(known: readonly T[], value: string | null): T | undefined {
  return known.find((it) => it === value);
}
