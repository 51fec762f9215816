/** The rows of a list while somebody moves and takes out some: shown at once, taken back when the server refuses. */
import { useQueryClient, type InfiniteData } from '@tanstack/svelte-query';
import { keys } from '$lib/api/keys';
import { inTurn, moveEntry, removeEntries } from '$lib/api/queries/playlists';
import type { Page, PlaylistEntry } from '$lib/api/types';
import { explain } from '$lib/i18n/explain';
import { getI18n } from '$lib/i18n/i18n.svelte';
import { getToasts } from '$lib/state/toasts.svelte';
import { cutLike, moved } from './order';

type Entries = InfiniteData<Page<PlaylistEntry>>;

/** To be called while a component starts. */
export function useReordering(id: () => string, rows: () => PlaylistEntry[]) {
  const client = useQueryClient();
  const toasts = getToasts();
  const i18n = getI18n();

  function show(change: (entries: Entries) => Entries) {
    client.setQueryData<Entries>(keys.playlistEntries(id()), (it) => it && change(it));
  }

  function send(call: () => Promise<unknown>) {
    inTurn(call).catch((error: unknown) => {
      toasts.bad(explain(error, i18n.t));
      void client.invalidateQueries({ queryKey: keys.playlists });
    });
  }

  /** Puts the row at one place at another; whether it can be there. */
  function move(from: number, to: number): boolean {
    const before = rows();
    const after = moved(before, from, to);
    const row = before[from];
    if (after === before || !row) return false;
    void client.cancelQueries({ queryKey: keys.playlistEntries(id()) });
    show((it) => ({ ...it, pages: cutLike(after, it.pages) }));
    const [list, behind] = [id(), after[to - 1]?.id ?? null];
    send(() => moveEntry(list, row.id, behind));
    return true;
  }

  function remove(entry: PlaylistEntry) {
    void client.cancelQueries({ queryKey: keys.playlistEntries(id()) });
    const isOther = (it: PlaylistEntry) => it.id !== entry.id;
    show((it) => ({
      ...it,
      pages: it.pages.map((page) => ({ ...page, items: page.items.filter(isOther) })),
    }));
    const list = id();
    // Counts and running times follow by the event.
    send(() => removeEntries(list, [entry.id]));
  }

  return { move, remove };
}
