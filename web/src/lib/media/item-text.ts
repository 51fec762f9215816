/** How an item is named and sorted out in words. */
import Clapperboard from '@lucide/svelte/icons/clapperboard';
import Tv from '@lucide/svelte/icons/tv';
import type { ItemCard } from '$lib/api/types';
import { runtime } from '$lib/format';
import type { Messages } from '$lib/i18n/en';
import { episodeCode } from '$lib/kinds';

export const itemIcon = (kind: string) => (kind === 'movie' ? Clapperboard : Tv);

/** The large line of a card: an episode goes by the name of its series. */
export const headline = (item: ItemCard, t: Messages): string =>
  item.kind === 'episode' && item.series ? item.series.title : titleOf(item, t);

/** The small line of a card. */
export function subline(item: ItemCard, t: Messages): string {
  switch (item.kind) {
    case 'episode':
      return [episodeCode(item), item.series && !isCounted(item) ? item.title : '']
        .filter(Boolean)
        .join(' · ');
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

/** What the server calls seasons and episodes that have no name of their own. */
const COUNTED_SEASON = /^(?:specials|season (\d+))$/i;
const COUNTED_EPISODE = /^episodes? (\d+(?:-\d+)?)$/i;

/** Whether an episode has no name but its number. */
export const isCounted = (item: Pick<ItemCard, 'kind' | 'title'>): boolean =>
  item.kind === 'episode' && COUNTED_EPISODE.test(item.title);

/** The title in the reader's language where it only counts; one of its own stays as it is. */
export function titleOf(
  item: Pick<ItemCard, 'kind' | 'title'> & { season_number?: number | null | undefined },
  t: Messages,
): string {
  if (item.kind === 'episode') {
    const counted = COUNTED_EPISODE.exec(item.title);
    return counted?.[1] ? t.item.episode(counted[1]) : item.title;
  }
  if (item.kind !== 'season') return item.title;
  const counted = COUNTED_SEASON.exec(item.title);
  if (item.title && !counted) return item.title;
  const number = item.season_number ?? Number(counted?.[1] ?? 0);
  return number === 0 ? t.item.specials : t.item.season(number);
}
