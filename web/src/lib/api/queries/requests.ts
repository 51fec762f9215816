/** What people ask for that is not here. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';
import type {
  MyRequest,
  NewRequest,
  Page,
  RequestAnswer,
  RequestState,
  TitleRequest,
} from '../types';

const AT_ONCE = 30;

/** Asks every provider: not again for the same words while the page is open. */
export const offersQuery = (title: string) =>
  queryOptions({
    queryKey: keys.offers(title),
    queryFn: ({ signal }) =>
      answer(http.GET('/requests/search', { params: { query: { title } }, signal })),
    enabled: title !== '',
    staleTime: Infinity,
    retry: false,
  });

export const myRequestsQuery = () =>
  infiniteQueryOptions({
    queryKey: keys.myRequests,
    queryFn: ({ signal, pageParam }): Promise<Page<MyRequest>> =>
      answer(
        http.GET('/me/requests', {
          params: { query: { cursor: pageParam, limit: AT_ONCE } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<MyRequest>) => page.next ?? undefined,
  });

/** Everybody's, in one state, or in any. */
export const requestsQuery = (state: RequestState | undefined) =>
  infiniteQueryOptions({
    queryKey: keys.requestsIn(state ?? ''),
    queryFn: ({ signal, pageParam }): Promise<Page<TitleRequest>> =>
      answer(
        http.GET('/requests', {
          params: { query: { state, cursor: pageParam, limit: AT_ONCE } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<TitleRequest>) => page.next ?? undefined,
  });

export const askForTitle = (body: NewRequest): Promise<MyRequest> =>
  answer(http.POST('/requests', { body }));

export const withdrawRequest = (id: string) =>
  done(http.DELETE('/me/requests/{id}', { params: { path: { id } } }));

export const answerRequest = (id: string, body: RequestAnswer): Promise<TitleRequest> =>
  answer(http.PUT('/requests/{id}/answer', { params: { path: { id } }, body }));
