/** The search page: hits with counts, completions, what was looked for before. */
import { keepPreviousData, queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';
import type { SearchRules } from '../types';

/** With names and counts. Keeps showing the previous hits while the next letter is being looked up. */
export const fullSearchQuery = (q: string, limit: number) =>
  queryOptions({
    queryKey: keys.fullSearch(q, limit),
    queryFn: ({ signal }) =>
      answer(http.GET('/search', { params: { query: { q, limit, full: true } }, signal })),
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
  });

export const teachSearch = (rules: SearchRules) =>
  answer(http.PUT('/settings/search', { body: rules }));
