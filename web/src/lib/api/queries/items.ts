/** Things a person can meet: grids, details, what comes next, search. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';
import type { Because, ItemCard, ItemFilter, Page } from '../types';

/** The first page fills every column count from 2 to 10 evenly, and is one short answer. */
const FIRST_PAGE = 120;

/** Further ones are larger: whoever scrolls through a hundred thousand films shall not wait for a thousand answers. */
const FURTHER_PAGE = 480;

/** Which page of a grid holds the cell `idx`. */
export const pageOf = (idx: number): number =>
  idx < FIRST_PAGE ? 0 : 1 + Math.floor((idx - FIRST_PAGE) / FURTHER_PAGE);

/** The first cell of a page of a grid. */
export const pageStart = (page: number): number =>
  page === 0 ? 0 : FIRST_PAGE + (page - 1) * FURTHER_PAGE;

/** Seasons have at most a few hundred episodes: one answer holds them. */
const ALL_CHILDREN = 500;

export const homeQuery = () =>
  queryOptions({
    queryKey: keys.home,
    queryFn: ({ signal }) => answer(http.GET('/home', { signal })),
  });

/** What somebody may want to see: cards, each with its reason. */
export interface Suggested extends ItemCard {
  because: Because;
}

export const forYouQuery = () =>
  queryOptions({
    queryKey: keys.forYou,
    queryFn: async ({ signal }): Promise<{ items: Suggested[] }> => {
      const { items } = await answer(http.GET('/home/for-you', { signal }));
      return { items: items.map(({ item, because }) => ({ ...item, because })) };
    },
  });

/** What is like a film or a series. */
export const similarQuery = (id: string) =>
  queryOptions({
    queryKey: keys.similar(id),
    queryFn: ({ signal }) =>
      answer(http.GET('/items/{id}/similar', { params: { path: { id } }, signal })),
  });

export const gridQuery = (filter: ItemFilter) =>
  infiniteQueryOptions({
    queryKey: keys.items(filter),
    queryFn: ({ signal, pageParam }): Promise<Page<ItemCard>> => {
      const limit = pageParam === undefined ? FIRST_PAGE : FURTHER_PAGE;
      const query = { ...filter, limit, cursor: pageParam };
      return answer(http.GET('/items', { params: { query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<ItemCard>) => page.next ?? undefined,
  });

/** What came last into a library. */
export const recentQuery = (filter: Pick<ItemFilter, 'library_id' | 'kind'>) => {
  const query: ItemFilter = { ...filter, sort: 'added_at', direction: 'desc', limit: 50 };
  return queryOptions({
    queryKey: keys.items(query),
    queryFn: ({ signal }) => answer(http.GET('/items', { params: { query }, signal })),
  });
};

export const itemQuery = (id: string) =>
  queryOptions({
    queryKey: keys.item(id),
    queryFn: ({ signal }) => answer(http.GET('/items/{id}', { params: { path: { id } }, signal })),
  });

export const childrenQuery = (id: string) =>
  queryOptions({
    queryKey: keys.children(id),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/items/{id}/children', {
          params: { path: { id }, query: { limit: ALL_CHILDREN } },
          signal,
        }),
      ),
  });

export const nextQuery = (id: string) =>
  queryOptions({
    queryKey: keys.next(id),
    queryFn: ({ signal }) =>
      answer(http.GET('/items/{id}/next', { params: { path: { id } }, signal })),
  });

/** Keeps showing the previous hits while the next letter is being looked up. */
export const searchQuery = (text: string, limit: number) =>
  queryOptions({
    queryKey: keys.search(text, limit),
    queryFn: ({ signal }) =>
      answer(http.GET('/search', { params: { query: { q: text, limit } }, signal })),
    enabled: text !== '',
    placeholderData: keepPreviousData,
  });

export const markPlayed = (id: string) =>
  answer(http.PUT('/items/{id}/played', { params: { path: { id } } }));

export const markUnplayed = (id: string) =>
  answer(http.DELETE('/items/{id}/played', { params: { path: { id } } }));

export const addFavourite = (id: string) =>
  done(http.PUT('/items/{id}/favourite', { params: { path: { id } } }));

export const deleteFavourite = (id: string) =>
  done(http.DELETE('/items/{id}/favourite', { params: { path: { id } } }));
