/** Content kinds: one line each in `LIBRARY_KINDS`, and the pages of what they hold. */
import Clapperboard from '@lucide/svelte/icons/clapperboard';
import Flame from '@lucide/svelte/icons/flame';
import Folder from '@lucide/svelte/icons/folder';
import Tv from '@lucide/svelte/icons/tv';
import type { Component } from 'svelte';
import { adultHome, IN_ADULT } from './adult/area';
import type { ItemCard } from './api/types';

/** To the server kinds are open words; this app has pages for these. */
export type LibraryKind = 'movies' | 'shows' | 'scenes';
export type ItemKind = 'movie' | 'series' | 'season' | 'episode' | 'scene';

interface KindOfLibrary {
  icon: Component<{ class?: string }>;
  /** What the grid of such a library shows. */
  shows: ItemKind;
  /** Whether some of it is special, and may stand among the rest. */
  hasSpecials: boolean;
}

export const LIBRARY_KINDS: Record<LibraryKind, KindOfLibrary> = {
  movies: { icon: Clapperboard, shows: 'movie', hasSpecials: false },
  shows: { icon: Tv, shows: 'series', hasSpecials: true },
  scenes: { icon: Flame, shows: 'scene', hasSpecials: false },
};

/** Those that this side of the server can have. */
export const possibleKinds: LibraryKind[] = IN_ADULT ? ['scenes'] : ['movies', 'shows'];

/** What a new library is until somebody says otherwise. */
export const USUAL_LIBRARY_KIND: LibraryKind = IN_ADULT ? 'scenes' : 'movies';

const isLibraryKind = (kind: string): kind is LibraryKind => Object.hasOwn(LIBRARY_KINDS, kind);

export const libraryIcon = (library: { kind: string }): KindOfLibrary['icon'] =>
  isLibraryKind(library.kind) ? LIBRARY_KINDS[library.kind].icon : Folder;

/** What the grid of a library shows; everything where the kind is news to this app. */
export const shownKind = (library: { kind: string }): ItemKind | undefined =>
  isLibraryKind(library.kind) ? LIBRARY_KINDS[library.kind].shows : undefined;

export const hasSpecials = (library: { kind: string }): boolean =>
  isLibraryKind(library.kind) && LIBRARY_KINDS[library.kind].hasSpecials;

const PAGES: Record<ItemKind, string> = {
  movie: '/movies',
  series: '/shows',
  season: '/shows/seasons',
  episode: '/shows/episodes',
  scene: `${adultHome}/scenes`,
};

const hasPage = (kind: string): kind is ItemKind => Object.hasOwn(PAGES, kind);

/** The page of an item. A film's page shows any single thing, so it also serves a kind that is news to this app. */
export const itemPath = (item: { id: string; kind: string }): string =>
  `${hasPage(item.kind) ? PAGES[item.kind] : PAGES[IN_ADULT ? 'scene' : 'movie']}/${item.id}`;

export const libraryPath = (library: { id: string }): string =>
  IN_ADULT ? adultHome : `/libraries/${library.id}`;

/** The page of somebody who had a part in items. */
export const castPath = (person: { id: string }): string =>
  IN_ADULT ? `${adultHome}/performers/${person.id}` : `/cast/${person.id}`;

export const collectionPath = (collection: { id: string }): string =>
  `/collections/${collection.id}`;

export const watchPath = (item: { id: string }, query: Record<string, string> = {}): string => {
  const search = new URLSearchParams(query).toString();
  return `${IN_ADULT ? adultHome : ''}/watch/${item.id}${search && `?${search}`}`;
};

/** `S2 E5`, `S2 E5-6`, `S0 E1`; empty when it is no numbered episode. */
export function episodeCode(
  item: Pick<ItemCard, 'season_number' | 'episode_number' | 'episode_number_end'>,
): string {
  const numbers = episodeNumbers(item);
  if (!numbers) return '';
  return item.season_number == null ? `E${numbers}` : `S${item.season_number} E${numbers}`;
}

/** `5`, or `5-6` for a double episode. */
export function episodeNumbers(
  item: Pick<ItemCard, 'episode_number' | 'episode_number_end'>,
): string {
  if (item.episode_number == null) return '';
  const isDouble = item.episode_number_end && item.episode_number_end > item.episode_number;
  return isDouble ? `${item.episode_number}-${item.episode_number_end}` : `${item.episode_number}`;
}
