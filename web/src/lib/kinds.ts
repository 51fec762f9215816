/** Content kinds: one line each in `LIBRARY_KINDS`, and the pages of what they hold. */
import Clapperboard from '@lucide/svelte/icons/clapperboard';
import Tv from '@lucide/svelte/icons/tv';
import type { Component } from 'svelte';
import type { ItemCard, ItemKind, LibraryKind } from './api/types';

interface KindOfLibrary {
  icon: Component<{ class?: string }>;
  /** What the grid of such a library shows. */
  shows: ItemKind;
}

export const LIBRARY_KINDS: Record<LibraryKind, KindOfLibrary> = {
  movies: { icon: Clapperboard, shows: 'movie' },
  shows: { icon: Tv, shows: 'series' },
};

const PAGES: Record<ItemKind, string> = {
  movie: '/movies',
  series: '/shows',
  season: '/shows/seasons',
  episode: '/shows/episodes',
};

export const itemPath = (item: { id: string; kind: ItemKind }): string =>
  `${PAGES[item.kind]}/${item.id}`;

export const libraryPath = (library: { id: string }): string => `/libraries/${library.id}`;

export const watchPath = (item: { id: string }, query: Record<string, string> = {}): string => {
  const search = new URLSearchParams(query).toString();
  return `/watch/${item.id}${search && `?${search}`}`;
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
