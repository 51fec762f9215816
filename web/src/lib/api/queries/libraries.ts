/** Libraries, their scans, and the server's folders to choose from. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';
import type {
  Library,
  LibraryPatch,
  NewLibrary,
  Page,
  PathMapping,
  ProblemFile,
  ScanRequest,
} from '../types';

const ENDED = ['done', 'failed', 'cancelled'];

/** How often a scan is looked at that waits for its turn, or whose events are held up by a proxy. */
const SCAN_POLL_MS = 1_500;

export const isScanning = (library: Library | undefined): boolean =>
  !!library?.scan && !ENDED.includes(library.scan.stage);

/** The app asks for a scan of every library it makes, but the scan may wait for its turn. */
const awaitsScan = (library: Library) => !library.scan && !library.last_scanned_at;

export const librariesQuery = () =>
  queryOptions({
    queryKey: keys.libraries,
    queryFn: ({ signal }): Promise<Page<Library>> => answer(http.GET('/libraries', { signal })),
    refetchInterval: (query) =>
      query.state.data?.items.some((it) => isScanning(it) || awaitsScan(it)) ? SCAN_POLL_MS : false,
  });

export const problemsQuery = (libraryId: string) =>
  infiniteQueryOptions({
    queryKey: keys.problems(libraryId),
    queryFn: ({ signal, pageParam }): Promise<Page<ProblemFile>> =>
      answer(
        http.GET('/libraries/{id}/problems', {
          params: { path: { id: libraryId }, query: { cursor: pageParam, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<ProblemFile>) => page.next ?? undefined,
  });

export const foldersQuery = (path: string | undefined) =>
  queryOptions({
    queryKey: keys.folders(path),
    queryFn: ({ signal }) => answer(http.GET('/folders', { params: { query: { path } }, signal })),
    // Somebody may just have plugged a disk in.
    staleTime: 0,
    retry: false,
  });

export const createLibrary = (body: NewLibrary) => answer(http.POST('/libraries', { body }));

export const updateLibrary = (id: string, body: LibraryPatch) =>
  answer(http.PATCH('/libraries/{id}', { params: { path: { id } }, body }));

export const deleteLibrary = (id: string) =>
  done(http.DELETE('/libraries/{id}', { params: { path: { id } } }));

export const scanLibrary = (id: string, body: ScanRequest = {}) =>
  answer(http.POST('/libraries/{id}/scan', { params: { path: { id } }, body }));

export const webhookQuery = () =>
  queryOptions({
    queryKey: keys.webhook,
    queryFn: ({ signal }) => answer(http.GET('/webhooks', { signal })),
  });

export const updateWebhook = (path_mappings: PathMapping[]) =>
  answer(http.PUT('/webhooks', { body: { path_mappings } }));

export const rotateWebhookToken = () => answer(http.POST('/webhooks/token'));
