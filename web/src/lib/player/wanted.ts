import type { ItemCard } from '$lib/api/types';

/** What plays afterwards. */
export interface Next {
  item: ItemCard;
  href: string;
  isInList?: boolean;
}

/** What the address of a player says. */
export interface Wanted {
  id: string;
  fileId: string | undefined;
  fromStart: boolean;
  groupId: string | undefined;
  isExtra: boolean;
  /** The list that is gone through, where one is. */
  list: WantedList | undefined;
}

/** Where in a playlist the player is. */
export interface WantedList {
  id: string;
  entryId: string;
  shuffle: string | undefined;
}

function listOf({ searchParams }: URL): WantedList | undefined {
  const [id, entryId] = [searchParams.get('playlist'), searchParams.get('entry')];
  if (!id || !entryId) return undefined;
  return { id, entryId, shuffle: searchParams.get('shuffle') ?? undefined };
}

export const wantedOf = (id: string, url: URL): Wanted => ({
  id,
  fileId: url.searchParams.get('file') ?? undefined,
  fromStart: url.searchParams.get('from') === 'start',
  groupId: url.searchParams.get('group') ?? undefined,
  isExtra: url.searchParams.has('extra'),
  list: listOf(url),
});
