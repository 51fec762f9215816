/** What the address of a player says. */
export interface Wanted {
  id: string;
  fileId: string | undefined;
  fromStart: boolean;
  groupId: string | undefined;
  isExtra: boolean;
}

export const wantedOf = (id: string, url: URL): Wanted => ({
  id,
  fileId: url.searchParams.get('file') ?? undefined,
  fromStart: url.searchParams.get('from') === 'start',
  groupId: url.searchParams.get('group') ?? undefined,
  isExtra: url.searchParams.has('extra'),
});
