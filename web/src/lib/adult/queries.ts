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

/** These stand in no public description of the API, so no types are made of it. */
async function read<T>(path: string, query: object, signal: AbortSignal): Promise<T> {
  const search = new URLSearchParams(
    Object.entries(query).filter((it): it is [string, string] => it[1] !== undefined),
  );
  const address = `${contentAddress(path, true)}?${search}`;
  const response = await reach(
    new Request(new URL(address, location.origin), { headers: GUARD, signal }),
  );
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw new ApiError(response.status, (body ?? {}) as Partial<Problem>);
  return body as T;
}

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
