/** What one can do with an item. Changes show at once and are taken back when the server refuses. */
import Check from '@lucide/svelte/icons/check';
import Heart from '@lucide/svelte/icons/heart';
import Images from '@lucide/svelte/icons/images';
import Play from '@lucide/svelte/icons/play';
import RotateCcw from '@lucide/svelte/icons/rotate-ccw';
import { useQueryClient } from '@tanstack/svelte-query';
import { keys } from '$lib/api/keys';
import { patchItem, type ItemPatch } from '$lib/api/optimistic';
import { addFavourite, deleteFavourite, markPlayed, markUnplayed } from '$lib/api/queries/items';
import type { ItemCard } from '$lib/api/types';
import { clockTime } from '$lib/format';
import { getI18n } from '$lib/i18n/i18n.svelte';
import { explain } from '$lib/i18n/explain';
import { watchPath } from '$lib/kinds';
import { artworkPath } from '$lib/media/artwork/artwork-view';
import { getMe, isAdmin } from '$lib/state/session';
import { getToasts } from '$lib/state/toasts.svelte';
import type { Action } from './action';

export interface ItemActions {
  play: Action;
  fromStart: Action;
  favourite: Action;
  played: Action;
  artwork: Action;
}

/** To be called while a component starts; the result makes the actions of any item. */
export function useItemActions(): (item: ItemCard, fileId?: string) => ItemActions {
  const client = useQueryClient();
  const i18n = getI18n();
  const toasts = getToasts();
  const me = getMe();

  async function change(item: ItemCard, patch: ItemPatch, call: () => Promise<unknown>) {
    const before: ItemPatch = { progress: item.progress, is_favourite: item.is_favourite };
    patchItem(client, item.id, patch);
    try {
      await call();
    } catch (error) {
      patchItem(client, item.id, before);
      toasts.bad(explain(error, i18n.t));
    }
    // Rows, counts of unwatched episodes and filtered grids follow from the change.
    for (const queryKey of [keys.home, ['next'], keys.details, ['lists', 'children']]) {
      void client.invalidateQueries({ queryKey });
    }
  }

  return (item, fileId) => {
    const { t } = i18n;
    const file: Record<string, string> = fileId ? { file: fileId } : {};
    const isPlayable = item.form === 'video' && !item.is_missing;
    const { position_ms, is_played } = item.progress;
    return {
      play: {
        id: 'play',
        title: position_ms > 0 ? t.item.resumeAt(clockTime(position_ms)) : t.item.play,
        icon: Play,
        shortcut: 'p',
        visible: isPlayable,
        href: watchPath(item, file),
      },
      fromStart: {
        id: 'from-start',
        title: t.item.fromStart,
        icon: RotateCcw,
        visible: isPlayable && position_ms > 0,
        href: watchPath(item, { ...file, from: 'start' }),
      },
      favourite: {
        id: 'favourite',
        title: item.is_favourite ? t.item.unfavourite : t.item.favourite,
        icon: Heart,
        isOn: item.is_favourite,
        visible: true,
        run: () =>
          void change(item, { is_favourite: !item.is_favourite }, () =>
            item.is_favourite ? deleteFavourite(item.id) : addFavourite(item.id),
          ),
      },
      played: {
        id: 'played',
        title: is_played ? t.item.markUnplayed : t.item.markPlayed,
        icon: Check,
        isOn: is_played,
        visible: true,
        run: () =>
          void change(
            item,
            { progress: { ...item.progress, is_played: !is_played, position_ms: 0 } },
            () => (is_played ? markUnplayed(item.id) : markPlayed(item.id)),
          ),
      },
      artwork: {
        id: 'artwork',
        title: t.artwork.title,
        icon: Images,
        visible: isAdmin(me()),
        href: artworkPath(item),
      },
    };
  };
}
