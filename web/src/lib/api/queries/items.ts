/** Things a person can meet: grids, details, what comes next, search. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';
import type { ItemCard, ItemFilter, Page } from '../types';

/** Fills every column count from 2 to 10 evenly, and is one short answer. */
export const GRID_PAGE = 120;

/** Seasons have at most a few hundred episodes: one answer holds them. */
const ALL_CHILDREN = 500;

export const homeQuery = () =>
  queryOptions({
    queryKey: keys.home,
    queryFn: ({ signal }) => answer(http.GET('/home', { signal })),
  });

export const gridQuery = (filter: ItemFilter) =>
  infiniteQueryOptions({
    queryKey: keys.items(filter),
    queryFn: ({ signal, pageParam }): Promise<Page<ItemCard>> => {
      const query = { ...filter, limit: GRID_PAGE, cursor: pageParam };
      return answer(http.GET('/items', { params: { query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<ItemCard>) => page.next ?? undefined,
  });

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
