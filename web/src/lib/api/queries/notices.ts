/** Notices: where they go, what became of each, and the server that takes mail. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';
import type { Delivery, MailServerInput, NoticeOwner, Page, TargetInput } from '../types';

/** A delivery sends no event: while one waits, the log is looked at often. */
const WAITING_POLL_MS = 1_500;
const POLL_MS = 15_000;

export const targetsQuery = (owner: NoticeOwner) =>
  queryOptions({
    queryKey: keys.targetsOf(owner),
    queryFn: ({ signal }) =>
      owner === 'server'
        ? answer(http.GET('/notices/targets', { signal }))
        : answer(http.GET('/me/notices/targets', { signal })),
    refetchInterval: POLL_MS,
  });

export const createTarget = (owner: NoticeOwner, body: TargetInput) =>
  owner === 'server'
    ? answer(http.POST('/notices/targets', { body }))
    : answer(http.POST('/me/notices/targets', { body }));

export const updateTarget = (id: string, body: TargetInput) =>
  answer(http.PATCH('/notices/targets/{id}', { params: { path: { id } }, body }));

export const deleteTarget = (id: string) =>
  done(http.DELETE('/notices/targets/{id}', { params: { path: { id } } }));

export const rotateTargetSecret = (id: string) =>
  answer(http.POST('/notices/targets/{id}/secret', { params: { path: { id } } }));

export const testTarget = (id: string) =>
  done(http.POST('/notices/targets/{id}/test', { params: { path: { id } } }));

export const deliveriesQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: keys.deliveries(id),
    queryFn: ({ signal, pageParam }): Promise<Page<Delivery>> =>
      answer(
        http.GET('/notices/targets/{id}/deliveries', {
          params: { path: { id }, query: { cursor: pageParam, limit: 20 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<Delivery>) => page.next ?? undefined,
    refetchInterval: ({ state: { data } }) => {
      const first = data?.pages[0]?.items ?? [];
      return first.some((it) => it.status === 'waiting') ? WAITING_POLL_MS : POLL_MS;
    },
  });

export const sendAgain = (id: string) =>
  done(http.POST('/notices/deliveries/{id}/again', { params: { path: { id } } }));

export const mailServerQuery = () =>
  queryOptions({
    queryKey: keys.mailServer,
    queryFn: ({ signal }) => answer(http.GET('/notices/mail-server', { signal })),
  });

export const updateMailServer = (body: MailServerInput) =>
  answer(http.PUT('/notices/mail-server', { body }));

export const deleteMailServer = () => done(http.DELETE('/notices/mail-server', {}));
