/** Lists of what can be played. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';
import type {
  NewPlaylist,
  NextEntry,
  Page,
  PlaylistAddition,
  PlaylistCard,
  PlaylistEntry,
  PlaylistPatch,
} from '../types';

/** A person has no more lists than fit into one answer. */
const ALL_MINE = 500;
const ENTRIES_AT_ONCE = 100;

const of = (id: string) => ({ params: { path: { id } } });

export const playlistsQuery = () =>
  infiniteQueryOptions({
    queryKey: [...keys.playlists, 'all'],
    queryFn: ({ signal, pageParam }): Promise<Page<PlaylistCard>> =>
      answer(
        http.GET('/playlists', { params: { query: { cursor: pageParam, limit: 60 } }, signal }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<PlaylistCard>) => page.next ?? undefined,
  });

/** Those that one can put something into. */
export const myPlaylistsQuery = () =>
  queryOptions({
    queryKey: [...keys.playlists, 'mine'],
    queryFn: ({ signal }): Promise<Page<PlaylistCard>> =>
      answer(
        http.GET('/playlists', { params: { query: { mine: true, limit: ALL_MINE } }, signal }),
      ),
  });

export const playlistQuery = (id: string) =>
  queryOptions({
    queryKey: keys.playlist(id),
    queryFn: ({ signal }) => answer(http.GET('/playlists/{id}', { ...of(id), signal })),
  });

/** Changes of an order that are on their way: who reads before they arrived sees rows jump back. */
const changes = { last: Promise.resolve() as Promise<unknown> };

/** Sends a change after those before it: each says behind which entry one goes. */
export function inTurn(change: () => Promise<unknown>): Promise<unknown> {
  const sent = changes.last.then(change);
  changes.last = sent.catch(() => undefined);
  return sent;
}

async function settled() {
  let last: Promise<unknown>;
  do {
    last = changes.last;
    await last;
  } while (last !== changes.last);
}

export const entriesQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: keys.playlistEntries(id),
    queryFn: async ({ signal, pageParam }): Promise<Page<PlaylistEntry>> => {
      await settled();
      return answer(
        http.GET('/playlists/{id}/entries', {
          params: { path: { id }, query: { cursor: pageParam, limit: ENTRIES_AT_ONCE } },
          signal,
        }),
      );
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<PlaylistEntry>) => page.next ?? undefined,
  });

/** What comes after an entry, or first; shuffled where a number is given. */
export const findNextEntry = (id: string, after?: string, shuffle?: string): Promise<NextEntry> =>
  answer(
    http.GET('/playlists/{id}/next', {
      params: { path: { id }, query: { after, shuffle: shuffle ? Number(shuffle) : undefined } },
    }),
  );

export const nextEntryQuery = (id: string, after: string | undefined, shuffle?: string) =>
  queryOptions({
    queryKey: ['next', 'playlist', id, after ?? '', shuffle ?? ''],
    queryFn: () => findNextEntry(id, after, shuffle),
  });

export const createPlaylist = (body: NewPlaylist): Promise<PlaylistCard> =>
  answer(http.POST('/playlists', { body }));

export const updatePlaylist = (id: string, body: PlaylistPatch): Promise<PlaylistCard> =>
  answer(http.PATCH('/playlists/{id}', { ...of(id), body }));

export const deletePlaylist = (id: string) => done(http.DELETE('/playlists/{id}', of(id)));

export const addToPlaylist = (id: string, body: PlaylistAddition) =>
  answer(http.POST('/playlists/{id}/entries', { ...of(id), body }));

export const removeEntries = (id: string, entryIds: string[]) =>
  done(http.POST('/playlists/{id}/entries/remove', { ...of(id), body: { entry_ids: entryIds } }));

/** Puts an entry behind another one, or before all. */
export const moveEntry = (id: string, entry: string, after: string | null) =>
  done(
    http.PUT('/playlists/{id}/entries/{entry}/place', {
      params: { path: { id, entry } },
      body: { after },
    }),
  );
