/** Where playlists are, and how one is played. */
import { adultHome, IN_ADULT } from '$lib/adult/area';
import type { PlaylistEntry } from '$lib/api/types';
import { watchPath } from '$lib/kinds';

export const playlistsPath = `${IN_ADULT ? adultHome : ''}/playlists`;

export const playlistPath = (list: { id: string }): string => `${playlistsPath}/${list.id}`;

/** Any number makes an order of its own. */
const SEEDS = 2 ** 31;

export const newSeed = (): string => String(Math.floor(Math.random() * SEEDS));

/** Plays an entry, and goes on through its list afterwards. */
export const entryPath = (listId: string, entry: PlaylistEntry, shuffle?: string): string =>
  watchPath(entry.item, { playlist: listId, entry: entry.id, ...(shuffle && { shuffle }) });
