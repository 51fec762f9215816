/** How an item is named and sorted out in words. */
import Clapperboard from '@lucide/svelte/icons/clapperboard';
import Tv from '@lucide/svelte/icons/tv';
import type { ItemCard } from '$lib/api/types';
import { runtime } from '$lib/format';
import type { Messages } from '$lib/i18n/en';
import { episodeCode } from '$lib/kinds';

export const itemIcon = (kind: string) => (kind === 'movie' ? Clapperboard : Tv);

/** The large line of a card: an episode goes by the name of its series. */
export const headline = (item: ItemCard): string =>
  item.kind === 'episode' && item.series ? item.series.title : item.title;

/** The small line of a card. */
export function subline(item: ItemCard, t: Messages): string {
  switch (item.kind) {
    case 'episode':
      return [episodeCode(item), item.series ? item.title : ''].filter(Boolean).join(' · ');
    case 'season':
      return item.child_count ? t.item.episodeCount(item.child_count) : '';
    case 'series':
      return [item.year, item.child_count ? t.item.seasonCount(item.child_count) : '']
        .filter(Boolean)
        .join(' · ');
    default:
      return [item.year, item.runtime_ms ? runtime(item.runtime_ms) : '']
        .filter(Boolean)
        .join(' · ');
  }
}

export function seasonTitle(item: ItemCard, t: Messages): string {
  if (item.title) return item.title;
  return item.season_number === 0 ? t.item.specials : t.item.season(item.season_number ?? 1);
}
