/** Backups of the server. */
import { queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';

/** What is being made is looked at often, what lies there now and then. */
const LIVE_POLL_MS = 1_000;
const IDLE_POLL_MS = 15_000;

export const backupsQuery = () =>
  queryOptions({
    queryKey: keys.backups,
    queryFn: ({ signal }) => answer(http.GET('/backups', { signal })),
    refetchInterval: ({ state: { data } }) =>
      data?.last?.is_running ? LIVE_POLL_MS : IDLE_POLL_MS,
  });

export const makeBackup = () => answer(http.POST('/backups'));

export const deleteBackup = (name: string) =>
  done(http.DELETE('/backups/{name}', { params: { path: { name } } }));

export const backupUrl = (name: string) => `/api/v1/backups/${encodeURIComponent(name)}`;
