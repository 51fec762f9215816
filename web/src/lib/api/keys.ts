/** Names of everything that is kept in the query cache. Invalidation works on a prefix of these. */
export const keys = {
  server: ['server'] as const,
  me: ['me'] as const,
  sessions: ['sessions'] as const,
  home: ['home'] as const,
  libraries: ['libraries'] as const,
  webhook: ['webhook'] as const,
  problems: (libraryId: string) => ['problems', libraryId] as const,
  /** Every list of cards: grids, children, search. */
  lists: ['lists'] as const,
  items: (filter: object) => ['lists', 'items', filter] as const,
  children: (itemId: string) => ['lists', 'children', itemId] as const,
  search: (text: string, limit: number) => ['lists', 'search', text, limit] as const,
  /** Every detail. */
  details: ['details'] as const,
  item: (itemId: string) => ['details', itemId] as const,
  artwork: (itemId: string) => ['artwork', itemId] as const,
  next: (itemId: string) => ['next', itemId] as const,
  folders: (path: string | undefined) => ['folders', path ?? ''] as const,
  people: ['people'] as const,
  jobs: ['jobs'] as const,
  jobsIn: (state: string) => ['jobs', state] as const,
  system: ['system'] as const,
};
