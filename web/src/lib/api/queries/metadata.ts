/** What items are and what is said of them: matches, edits, sources. For administrators. */
import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  type InfiniteData,
  type QueryClient,
} from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';
import type {
  Edit,
  ItemPatch,
  LibraryMetadata,
  MatchQuery,
  MetadataPatch,
  NewMatch,
  Page,
  ReviewItem,
} from '../types';

const path = (id: string) => ({ path: { id } });

/** Items of which nobody is sure what they are; `libraryId` is empty for those of all libraries. */
export const reviewQuery = (libraryId: string) =>
  infiniteQueryOptions({
    queryKey: keys.reviewOf(libraryId),
    queryFn: ({ signal, pageParam }): Promise<Page<ReviewItem>> => {
      const query = { library_id: libraryId || undefined, cursor: pageParam, limit: 50 };
      return answer(http.GET('/review', { params: { query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<ReviewItem>) => page.next ?? undefined,
  });

/** What providers say an item may be. Asked only when a person wants to know. */
export const matchesQuery = (id: string, wanted: MatchQuery) =>
  queryOptions({
    queryKey: keys.matches(id, wanted),
    queryFn: ({ signal }) =>
      answer(http.GET('/items/{id}/matches', { params: { ...path(id), query: wanted }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  });

export const editsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: keys.edits(id),
    queryFn: ({ signal, pageParam }): Promise<Page<Edit>> =>
      answer(
        http.GET('/items/{id}/edits', {
          params: { ...path(id), query: { cursor: pageParam, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<Edit>) => page.next ?? undefined,
    staleTime: 0,
  });

export const sourcesQuery = (id: string) =>
  queryOptions({
    queryKey: keys.sources(id),
    queryFn: ({ signal }) => answer(http.GET('/items/{id}/sources', { params: path(id), signal })),
    staleTime: 0,
  });

export const updateItem = (id: string, body: ItemPatch) =>
  answer(http.PATCH('/items/{id}', { params: path(id), body }));

export const undoEdit = (id: string, edit: string) =>
  answer(http.POST('/items/{id}/edits/{edit}/undo', { params: { path: { id, edit } } }));

export const setMatch = (id: string, body: NewMatch) =>
  answer(http.PUT('/items/{id}/match', { params: path(id), body }));

export const deleteMatch = (id: string) =>
  done(http.DELETE('/items/{id}/match', { params: path(id) }));

export const refreshItem = (id: string) =>
  answer(http.POST('/items/{id}/refresh', { params: path(id) }));

export const splitFilesQuery = (id: string) =>
  queryOptions({
    queryKey: keys.splitFiles(id),
    queryFn: ({ signal }) => answer(http.GET('/items/{id}/split', { params: path(id), signal })),
    staleTime: 0,
  });

export const splitItem = (id: string, fileIds: string[]) =>
  answer(http.POST('/items/{id}/split', { params: path(id), body: { file_ids: fileIds } }));

/** The first item stays; the others go into it. */
export const mergeItems = (itemIds: string[]) =>
  answer(http.POST('/items/merge', { body: { item_ids: itemIds } }));

/** Takes an item out of the lists of what is in doubt before the server has done so. */
export function settleReview(client: QueryClient, id: string) {
  client.setQueriesData<InfiniteData<Page<ReviewItem>>>(
    { queryKey: keys.review },
    (list) =>
      list && {
        ...list,
        pages: list.pages.map((page) => ({
          ...page,
          items: page.items.filter((it) => it.id !== id),
        })),
      },
  );
}

/** Providers and how they are asked. */
export const metadataQuery = () =>
  queryOptions({
    queryKey: keys.metadata,
    queryFn: ({ signal }) => answer(http.GET('/settings/metadata', { signal })),
  });

/** Keys are tried by the server before they are kept. */
export const updateMetadata = (body: MetadataPatch) =>
  answer(http.PUT('/settings/metadata', { body }));

export const checkProvider = (provider: string) =>
  answer(http.POST('/settings/metadata/check', { body: { provider } }));

/** How one library is described, as far as it differs from the server. */
export const libraryMetadataQuery = (id: string) =>
  queryOptions({
    queryKey: keys.libraryMetadata(id),
    queryFn: ({ signal }) =>
      answer(http.GET('/libraries/{id}/metadata', { params: path(id), signal })),
  });

export const updateLibraryMetadata = (id: string, body: LibraryMetadata) =>
  done(http.PUT('/libraries/{id}/metadata', { params: path(id), body }));
