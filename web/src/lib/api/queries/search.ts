/** The search page: hits with counts, completions, what was looked for before. */
import { keepPreviousData, queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';
import type { SearchRules, SearchSort } from '../types';

/** While another index is being made: it takes a minute for a million items. */
const PENDING_POLL_MS = 3000;

/** With names and counts. Keeps showing the previous hits while the next letter is being looked up. */
export const fullSearchQuery = (q: string, limit: number, order: SearchSort | 'best') =>
  queryOptions({
    queryKey: keys.fullSearch(q, limit, order),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/search', {
          params: { query: { q, limit, full: true, sort: order === 'best' ? undefined : order } },
          signal,
        }),
      ),
    enabled: q !== '',
    placeholderData: keepPreviousData,
  });

/** What the text may go on to be. */
export const completionsQuery = (q: string, enabled: boolean) =>
  queryOptions({
    queryKey: keys.completions(q),
    queryFn: ({ signal }) =>
      answer(http.GET('/search/completions', { params: { query: { q } }, signal })),
    enabled,
  });

export const recentSearchesQuery = () =>
  queryOptions({
    queryKey: keys.recentSearches,
    queryFn: ({ signal }) => answer(http.GET('/search/recent', { signal })),
  });

export const keepSearch = (text: string) => done(http.POST('/search/recent', { body: { text } }));

/** One, or all of them. */
export const forgetSearches = (text?: string) =>
  done(http.DELETE('/search/recent', { params: { query: { text } } }));

export const searchSettingsQuery = () =>
  queryOptions({
    queryKey: keys.searchSettings,
    queryFn: ({ signal }) => answer(http.GET('/settings/search', { signal })),
    refetchInterval: ({ state: { data } }) => (data?.is_pending ? PENDING_POLL_MS : false),
  });

/** Has the index made anew, in the background. */
export const rebuildSearch = () => answer(http.POST('/settings/search/rebuild', {}));

export const teachSearch = (rules: SearchRules) =>
  answer(http.PUT('/settings/search', { body: rules }));
