/** Background work: the queues, the jobs in them, and what comes around by itself. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';
import type { Job, JobFilter, Page, QueueName, Rule, Span } from '../types';

/** Jobs send no events: what runs is looked at often, what is over now and then. */
const LIVE_POLL_MS = 2_000;
const OVER_POLL_MS = 10_000;

/** Whoever has gone back further is reading; fetching all of it again would cost more than it shows. */
const POLLED_PAGES = 3;

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
    refetchInterval: ({ state: { data } }) => {
      if ((data?.pages.length ?? 0) > POLLED_PAGES) return false;
      return state === 'running' || state === 'queued' ? LIVE_POLL_MS : OVER_POLL_MS;
    },
  });

export const cancelJob = (id: number) =>
  done(http.POST('/jobs/{id}/cancel', { params: { path: { id } } }));

export const retryJob = (id: number) =>
  done(http.POST('/jobs/{id}/retry', { params: { path: { id } } }));

export const queuesQuery = () =>
  queryOptions({
    queryKey: keys.queues,
    queryFn: ({ signal }) => answer(http.GET('/jobs/queues', { signal })),
    refetchInterval: LIVE_POLL_MS,
  });

export const updateQueue = ({ name, is_paused }: { name: QueueName; is_paused: boolean }) =>
  done(http.PUT('/jobs/queues/{name}', { params: { path: { name } }, body: { is_paused } }));

export const schedulesQuery = () =>
  queryOptions({
    queryKey: keys.schedules,
    queryFn: ({ signal }) => answer(http.GET('/jobs/schedules', { signal })),
    refetchInterval: OVER_POLL_MS,
  });

export const updateSchedule = (kind: string, rule: Rule) =>
  done(http.PUT('/jobs/schedules/{kind}', { params: { path: { kind } }, body: { rule } }));

export const resetSchedule = (kind: string) =>
  done(http.DELETE('/jobs/schedules/{kind}', { params: { path: { kind } } }));

export const runSchedule = (kind: string) =>
  answer(http.POST('/jobs/schedules/{kind}/run', { params: { path: { kind } } }));

export const heavyHoursQuery = () =>
  queryOptions({
    queryKey: keys.heavyHours,
    queryFn: ({ signal }) => answer(http.GET('/jobs/heavy-hours', { signal })),
  });

export const updateHeavyHours = (hours: Span[]) =>
  done(http.PUT('/jobs/heavy-hours', { body: { hours } }));
