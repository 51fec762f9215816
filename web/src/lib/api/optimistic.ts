/** Shows a change of one item everywhere it is cached, before the server has confirmed it. */
import type { InfiniteData, QueryClient } from '@tanstack/svelte-query';
import { keys } from './keys';
import type { Home, ItemCard, Page } from './types';

export type ItemPatch = Partial<Pick<ItemCard, 'progress' | 'is_favourite'>>;

export function patchItem(client: QueryClient, id: string, patch: ItemPatch) {
  client.setQueriesData({ queryKey: keys.details }, (it) => patched(it, id, patch));
  client.setQueriesData({ queryKey: keys.lists }, (it) => patched(it, id, patch));
  client.setQueriesData<Home>(
    { queryKey: keys.home },
    (home) =>
      home && {
        rows: home.rows.map((row) => ({ ...row, items: patched(row.items, id, patch) })),
      },
  );
}

type Cached =
  ItemCard | ItemCard[] | Page<ItemCard> | InfiniteData<Page<ItemCard>> | { hits: ItemCard[] };

/** `cached` with the item changed; the very same object when it does not hold the item. */
export function patched<T>(cached: T, id: string, patch: ItemPatch): T {
  return change(cached as Cached | undefined, id, patch) as T;
}

function change(cached: Cached | undefined, id: string, patch: ItemPatch): Cached | undefined {
  if (!cached) return cached;
  if (Array.isArray(cached)) {
    return cached.some((it) => it.id === id)
      ? cached.map((it) => (it.id === id ? { ...it, ...patch } : it))
      : cached;
  }
  if ('pages' in cached) {
    const pages = cached.pages.map((page) => change(page, id, patch) as Page<ItemCard>);
    return pages.some((page, idx) => page !== cached.pages[idx]) ? { ...cached, pages } : cached;
  }
  if ('hits' in cached) {
    const hits = change(cached.hits, id, patch) as ItemCard[];
    return hits === cached.hits ? cached : { ...cached, hits };
  }
  if ('items' in cached) {
    const items = change(cached.items, id, patch) as ItemCard[];
    return items === cached.items ? cached : { ...cached, items };
  }
  return cached.id === id ? { ...cached, ...patch } : cached;
}
