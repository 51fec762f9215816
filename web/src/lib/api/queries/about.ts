/** What lies around an item: who made it, what belongs together, which episodes are not there. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/svelte-query';
import { answer, http } from '../client';
import { keys } from '../keys';
import type { CastItem, CollectionCard, Page } from '../types';

/** Long-running series have some hundreds of episodes; a season never has more than fit into one answer. */
const ALL_MISSING = 500;

/** Episodes of a series or season that providers know and the library lacks. */
export const missingQuery = (id: string) =>
  queryOptions({
    queryKey: keys.missing(id),
    queryFn: ({ signal }) =>
      answer(
        http.GET('/items/{id}/missing', {
          params: { path: { id }, query: { limit: ALL_MISSING } },
          signal,
        }),
      ),
  });

export const castQuery = (id: string) =>
  queryOptions({
    queryKey: keys.cast(id),
    queryFn: ({ signal }) => answer(http.GET('/cast/{id}', { params: { path: { id } }, signal })),
  });

export const castItemsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: keys.castItems(id),
    queryFn: ({ signal, pageParam }): Promise<Page<CastItem>> =>
      answer(
        http.GET('/cast/{id}/items', {
          params: { path: { id }, query: { cursor: pageParam, limit: 60 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<CastItem>) => page.next ?? undefined,
  });

export const collectionsQuery = () =>
  infiniteQueryOptions({
    queryKey: keys.collections,
    queryFn: ({ signal, pageParam }): Promise<Page<CollectionCard>> =>
      answer(
        http.GET('/collections', { params: { query: { cursor: pageParam, limit: 120 } }, signal }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<CollectionCard>) => page.next ?? undefined,
  });

export const collectionQuery = (id: string) =>
  queryOptions({
    queryKey: keys.collection(id),
    queryFn: ({ signal }) =>
      answer(http.GET('/collections/{id}', { params: { path: { id } }, signal })),
  });
