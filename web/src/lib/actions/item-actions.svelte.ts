/** What one can do with an item. Changes show at once and are taken back when the server refuses. */
import Check from '@lucide/svelte/icons/check';
import GitMerge from '@lucide/svelte/icons/git-merge';
import Heart from '@lucide/svelte/icons/heart';
import Images from '@lucide/svelte/icons/images';
import ListPlus from '@lucide/svelte/icons/list-plus';
import Pencil from '@lucide/svelte/icons/pencil';
import Play from '@lucide/svelte/icons/play';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import RotateCcw from '@lucide/svelte/icons/rotate-ccw';
import ScanSearch from '@lucide/svelte/icons/scan-search';
import Split from '@lucide/svelte/icons/split';
import { useQueryClient } from '@tanstack/svelte-query';
import { keys } from '$lib/api/keys';
import { patchItem, type ItemPatch } from '$lib/api/optimistic';
import { addFavourite, deleteFavourite, markPlayed, markUnplayed } from '$lib/api/queries/items';
import { refreshItem } from '$lib/api/queries/metadata';
import type { ItemCard, ItemDetail } from '$lib/api/types';
import { clockTime } from '$lib/format';
import { getI18n } from '$lib/i18n/i18n.svelte';
import { explain } from '$lib/i18n/explain';
import { itemPath, watchPath } from '$lib/kinds';
import { mainFiles } from '$lib/media/files';
import { artworkPath } from '$lib/media/artwork/artwork-view';
import { titleOf } from '$lib/media/item-text';
import { getAdding } from '$lib/playlists/adding.svelte';
import { can, getMe } from '$lib/state/session';
import { getToasts } from '$lib/state/toasts.svelte';
import type { Action } from './action';

export interface ItemActions {
  play: Action;
  fromStart: Action;
  favourite: Action;
  played: Action;
  playlist: Action;
  artwork: Action;
  edit: Action;
  match: Action;
  refresh: Action;
  split: Action;
  merge: Action;
}

/** What opens a dialog on the page of its item: the address says which. */
export type ItemDialog = 'edit' | 'match' | 'split' | 'merge';

/** The button on an item's page that opens its menu; focus goes back there from a dialog. */
export const ITEM_ACTIONS_ID = 'item-actions';

const dialogPath = (item: ItemCard, dialog: ItemDialog) => `${itemPath(item)}?do=${dialog}`;

/** How many files the item plays; a card does not know. */
const countFiles = (item: ItemCard | ItemDetail) =>
  'files' in item ? mainFiles(item.files).length : 0;

/** To be called while a component starts; the result makes the actions of any item. */
export function useItemActions(): (item: ItemCard, fileId?: string) => ItemActions {
  const client = useQueryClient();
  const i18n = getI18n();
  const toasts = getToasts();
  const me = getMe();
  const adding = getAdding();

  async function refresh(item: ItemCard) {
    try {
      await refreshItem(item.id);
      toasts.good(i18n.t.item.refreshStarted);
    } catch (error) {
      toasts.bad(explain(error, i18n.t));
    }
  }

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
    const rows = [
      ['lists', 'children'],
      ['lists', 'cast'],
    ];
    for (const queryKey of [keys.home, keys.forYou, ['next'], keys.details, ...rows]) {
      void client.invalidateQueries({ queryKey });
    }
  }

  return (item, fileId) => {
    const { t } = i18n;
    const file: Record<string, string> = fileId ? { file: fileId } : {};
    const isPlayable = item.form === 'video' && !item.is_missing && can(me(), 'play');
    const { position_ms, is_played } = item.progress;
    const mayEdit = can(me(), 'edit_metadata');
    const isTop = !item.parent_id;
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
        visible: can(me(), 'personalize'),
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
        visible: can(me(), 'personalize'),
        run: () =>
          void change(
            item,
            { progress: { ...item.progress, is_played: !is_played, position_ms: 0 } },
            () => (is_played ? markUnplayed(item.id) : markPlayed(item.id)),
          ),
      },
      playlist: {
        id: 'playlist',
        title: t.playlists.add,
        icon: ListPlus,
        visible: (item.form === 'video' || item.form === 'group') && can(me(), 'personalize'),
        run: () => adding.ask({ title: titleOf(item, t), itemIds: [item.id] }),
      },
      artwork: {
        id: 'artwork',
        title: t.artwork.title,
        icon: Images,
        visible: can(me(), 'edit_images'),
        href: artworkPath(item),
      },
      edit: {
        id: 'edit',
        title: t.item.edit,
        icon: Pencil,
        visible: mayEdit,
        href: dialogPath(item, 'edit'),
      },
      match: {
        id: 'match',
        title: t.item.match,
        icon: ScanSearch,
        visible: mayEdit && isTop,
        href: dialogPath(item, 'match'),
      },
      refresh: {
        id: 'refresh',
        title: t.item.refresh,
        icon: RefreshCw,
        visible: mayEdit && isTop,
        run: () => void refresh(item),
      },
      split: {
        id: 'split',
        title: t.item.split,
        icon: Split,
        visible: mayEdit && (item.form === 'group' ? isTop : countFiles(item) > (isTop ? 1 : 0)),
        href: dialogPath(item, 'split'),
      },
      merge: {
        id: 'merge',
        title: t.item.merge,
        icon: GitMerge,
        visible: mayEdit && isTop,
        href: dialogPath(item, 'merge'),
      },
    };
  };
}
