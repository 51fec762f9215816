/** The places the navigation leads to. */
import Heart from '@lucide/svelte/icons/heart';
import Inbox from '@lucide/svelte/icons/inbox';
import Layers from '@lucide/svelte/icons/layers';
import House from '@lucide/svelte/icons/house';
import ListVideo from '@lucide/svelte/icons/list-video';
import type { Component } from 'svelte';
import type { Library } from '$lib/api/types';
import type { Messages } from '$lib/i18n/en';
import { libraryIcon, libraryPath } from '$lib/kinds';
import { playlistsPath } from '$lib/playlists/paths';

export interface Place {
  href: string;
  title: string;
  icon: Component<{ class?: string }>;
}

export const mainPlaces = (t: Messages): Place[] => [
  { href: '/', title: t.nav.home, icon: House },
  { href: '/favourites', title: t.nav.favourites, icon: Heart },
  { href: playlistsPath, title: t.nav.playlists, icon: ListVideo },
];

export const collectionsPlace = (t: Messages): Place => ({
  href: '/collections',
  title: t.nav.collections,
  icon: Layers,
});

export const requestsPlace = (t: Messages): Place => ({
  href: '/requests',
  title: t.nav.requests,
  icon: Inbox,
});

export const libraryPlaces = (libraries: Library[]): Place[] =>
  libraries.map((it) => ({
    href: libraryPath(it),
    title: it.name,
    icon: libraryIcon(it),
  }));

export const isHere = (place: Place, path: string): boolean =>
  place.href === '/' ? path === '/' : path === place.href || path.startsWith(`${place.href}/`);
