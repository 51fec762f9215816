/** Background work and the health of the server's parts. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';
import type { Job, JobFilter, Page } from '../types';

/** Progress of running work has no event of its own for every step. */
const RUNNING_POLL_MS = 2_000;
/** What ended changes no more, but others come to it. */
const ENDED_POLL_MS = 5_000;

export const jobsQuery = (state: JobFilter) =>
  infiniteQueryOptions({
    queryKey: keys.jobsIn(state),
    queryFn: ({ signal, pageParam }): Promise<Page<Job>> =>
      answer(
        http.GET('/jobs', {
          params: { query: { state, cursor: pageParam, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<Job>) => page.next ?? undefined,
    refetchInterval: state === 'running' || state === 'queued' ? RUNNING_POLL_MS : ENDED_POLL_MS,
  });

export const cancelJob = (id: number) =>
  done(http.POST('/jobs/{id}/cancel', { params: { path: { id } } }));

export const retryJob = (id: number) =>
  done(http.POST('/jobs/{id}/retry', { params: { path: { id } } }));

export const systemQuery = () =>
  queryOptions({
    queryKey: keys.system,
    queryFn: ({ signal }) => answer(http.GET('/system', { signal })),
    refetchInterval: 15_000,
  });
