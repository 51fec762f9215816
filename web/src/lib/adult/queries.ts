/** The adult area's door, and the lists that only it has. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/svelte-query';
import { answer, done, GUARD, http, reach } from '$lib/api/client';
import { ApiError } from '$lib/api/errors';
import { keys } from '$lib/api/keys';
import type { ImageRef, ItemCard, Page, Problem } from '$lib/api/types';
import { contentAddress } from './area';

/** How often a page that is open looks whether the area still is: asking keeps nothing open. */
const LOOK_MS = 20_000;

/** How one stands before the door; fails where there is none. */
export const entryQuery = (looksAgain = false) =>
  queryOptions({
    queryKey: ['adult-entry'],
    queryFn: ({ signal }) => answer(http.GET('/me/adult', { signal })),
    retry: false,
    refetchInterval: looksAgain ? LOOK_MS : false,
  });

export const confirmAge = () => done(http.PUT('/me/adult/age'));
export const openArea = (pin: string | undefined) =>
  done(http.POST('/me/adult', { body: { pin } }));
export const closeArea = () => done(http.DELETE('/me/adult'));
export const setPin = (pin: string) => done(http.PUT('/me/adult/pin', { body: { pin } }));
export const removePin = () => done(http.DELETE('/me/adult/pin'));

/** A performer, studio or tag. */
export interface Shared {
  id: string;
  name: string;
  scene_count: number;
  portrait?: ImageRef | null;
}

/** What a scene leads on to. */
export interface SceneLink {
  kind: 'studio' | 'tag' | 'genre' | 'performer';
  id: string;
  name: string;
}

export interface SceneFilter {
  studio_id?: string;
  tag_id?: string;
  performer_id?: string;
}

export type SharedList = 'performers' | 'studios' | 'tags';

/** One of several files that are the same or look the same. */
export interface DuplicateFile {
  id: string;
  item?: ItemCard | null;
  library_id: string;
  path: string;
  size_bytes: number;
  duration_ms?: number | null;
  bitrate_bps?: number | null;
  codec?: string | null;
  width?: number | null;
  height?: number | null;
  hdr?: string | null;
  is_exact: boolean;
  distance: number;
}

/** Files that are the same or look the same. */
export interface DuplicateGroup {
  id: string;
  file_count: number;
  files: DuplicateFile[];
}

/** These stand in no public description of the API, so no types are made of it. */
async function ask(path: string, init: RequestInit): Promise<unknown> {
  const response = await reach(
    new Request(new URL(contentAddress(path, true), location.origin), init),
  );
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw new ApiError(response.status, (body ?? {}) as Partial<Problem>);
  return body;
}

async function read<T>(path: string, query: object, signal: AbortSignal): Promise<T> {
  const search = new URLSearchParams(
    Object.entries(query).filter((it): it is [string, string] => it[1] !== undefined),
  );
  return (await ask(`${path}?${search}`, { headers: GUARD, signal })) as T;
}

const send = (method: string, path: string, body: object) =>
  ask(path, {
    method,
    headers: { ...GUARD, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

export const scenesQuery = (filter: SceneFilter) =>
  infiniteQueryOptions({
    queryKey: keys.items({ scenes: filter }),
    queryFn: ({ signal, pageParam }) =>
      read<Page<ItemCard>>('/scenes', { ...filter, limit: '60', cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<ItemCard>) => page.next ?? undefined,
  });

export const sharedQuery = (list: SharedList) =>
  infiniteQueryOptions({
    queryKey: ['lists', list],
    queryFn: ({ signal, pageParam }) =>
      read<Page<Shared>>(`/${list}`, { limit: '200', cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<Shared>) => page.next ?? undefined,
  });

export const linksQuery = (sceneId: string) =>
  queryOptions({
    queryKey: ['details', sceneId, 'links'],
    queryFn: ({ signal }) => read<SceneLink[]>(`/scenes/${sceneId}/links`, {}, signal),
  });

export const labelQuery = (id: string) =>
  queryOptions({
    queryKey: ['details', 'label', id],
    queryFn: ({ signal }) => read<SceneLink>(`/labels/${id}`, {}, signal),
  });

export const duplicatesQuery = () =>
  infiniteQueryOptions({
    queryKey: ['lists', 'duplicates'],
    queryFn: ({ signal, pageParam }) =>
      read<Page<DuplicateGroup>>('/duplicates', { limit: '30', cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<DuplicateGroup>) => page.next ?? undefined,
  });

/** A file is not the same as the others of its group, or shall stay beside them. */
export const tellApart = (groupId: string, fileId: string) =>
  send('POST', `/duplicates/${groupId}/apart`, { file_id: fileId });

/** A database of scenes that is asked. */
export interface SceneBox {
  name: string;
  url: string;
}

/** The same as it is entered; without a key, the one that is known for this address. */
export interface BoxEntry {
  url: string;
  key?: string;
}

export const boxesQuery = () =>
  queryOptions({
    queryKey: ['metadata', 'boxes'],
    queryFn: ({ signal }) => read<SceneBox[]>('/settings/boxes', {}, signal),
  });

/** All that are asked from now on. */
export const setBoxes = async (entries: BoxEntry[]) =>
  (await send('PUT', '/settings/boxes', entries)) as SceneBox[];
