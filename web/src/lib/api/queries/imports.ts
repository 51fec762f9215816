/** Households from other servers. */
import { queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';
import type { Import, ImportPlan, NewImport } from '../types';

/** What is at work is looked at often, what lies there now and then. */
const LIVE_POLL_MS = 1_000;
const IDLE_POLL_MS = 30_000;

const isAtWork = (it: Import) => ['reading', 'checking', 'bringing'].includes(it.state);

export const importsQuery = () =>
  queryOptions({
    queryKey: keys.imports,
    queryFn: async ({ signal }) =>
      (await answer(http.GET('/imports', { signal }))) as { items: Import[] },
    refetchInterval: ({ state: { data } }) =>
      data?.items.some(isAtWork) ? LIVE_POLL_MS : IDLE_POLL_MS,
  });

export const missingItemsQuery = (id: string) =>
  queryOptions({
    queryKey: keys.missingItems(id),
    queryFn: ({ signal }) =>
      answer(http.GET('/imports/{id}/missing', { params: { path: { id } }, signal })),
  });

export const missingItemsUrl = (id: string) => `/api/v1/imports/${id}/missing.csv`;

export const createImport = (body: NewImport) => answer(http.POST('/imports', { body }));

/** A file as it is called there; what may not stand in a name of ours becomes a hyphen. */
export const uploadImportFile = (id: string, file: File) =>
  done(
    http.PUT('/imports/{id}/files/{name}', {
      params: { path: { id, name: file.name.replace(/[^A-Za-z0-9._-]/g, '-') } },
      headers: { 'Content-Type': 'application/octet-stream' },
      // The document can only say "bytes"; the browser sends the file as it is.
      body: file as never,
      bodySerializer: () => file,
    }),
  );

const at = (id: string) => ({ params: { path: { id } } });

export const readImport = (id: string) => answer(http.POST('/imports/{id}/read', at(id)));

export const planImport = async (id: string, body: ImportPlan) =>
  (await answer(http.PUT('/imports/{id}/plan', { ...at(id), body }))) as Import;

export const runImport = (id: string) => answer(http.POST('/imports/{id}/run', at(id)));

export const deleteImport = (id: string) => done(http.DELETE('/imports/{id}', at(id)));
