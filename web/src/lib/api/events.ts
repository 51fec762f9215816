/** The server's event stream, turned into changes of the query cache. */
import { contentAddress } from '$lib/adult/area';
import type { InfiniteData, Query, QueryClient } from '@tanstack/svelte-query';
import { keys } from './keys';
import { patchItem } from './optimistic';
import { playerEvents } from './player-events';
import type { Library, Page, Progress, ScanView } from './types';

/** A grid scrolled further than this is left as it is: fetching all of it again would cost more than it shows. */
const REFRESH_PAGES = 3;

/**
 * Listens until the returned function is called. The browser reconnects by itself. `onDevice` hears of a device that this
 * account was never signed in with before, `onEnding` of the end of one's hours some minutes before.
 */
export function listen(
  client: QueryClient,
  onDevice?: (name: string) => void,
  onEnding?: (closesAt: string) => void,
): () => void {
  const source = new EventSource(contentAddress('/events'));
  const on = <T>(name: string, act: (body: T) => void) =>
    source.addEventListener(name, (event: MessageEvent<string>) => act(JSON.parse(event.data)));

  on<ScanView>('scan.progress', (scan) => showScan(client, scan));
  on<{ library_id: string }>('library.changed', () => refreshCatalog(client));
  on<{ item_id: string; progress: Progress }>('progress.changed', ({ item_id, progress }) => {
    patchItem(client, item_id, { progress });
    void client.invalidateQueries({ queryKey: keys.home });
    void client.invalidateQueries({ queryKey: ['next'] });
  });
  on<{ device: string }>('session.started', ({ device }) => {
    void client.invalidateQueries({ queryKey: keys.sessions });
    onDevice?.(device);
  });
  on('playlists.changed', () => void client.invalidateQueries({ queryKey: keys.playlists }));
  on('requests.changed', () => void client.invalidateQueries({ queryKey: keys.requests }));
  on('playing.changed', () => void client.invalidateQueries({ queryKey: keys.playing }));
  on('account.changed', () => {
    void client.invalidateQueries({ queryKey: keys.me });
    refreshCatalog(client);
  });
  on<{ closes_at: string }>('hours.ending', ({ closes_at }) => {
    void client.invalidateQueries({ queryKey: keys.me });
    onEnding?.(closes_at);
  });
  on('hours.over', () => void client.invalidateQueries({ queryKey: keys.me }));
  for (const name of ['player.command', 'group.changed', 'hours.ending'] as const) {
    on<object>(name, (detail) => playerEvents.dispatchEvent(new CustomEvent(name, { detail })));
  }
  // Events sent while the connection was down or too slow are lost, so what is on screen is asked for again.
  source.addEventListener('missed', () => void client.invalidateQueries());
  // So is what changed between an answer and the opening of the stream: under load the stream may well open last.
  let wasOpen = false;
  source.addEventListener('open', () => {
    const isReopened = wasOpen;
    wasOpen = true;
    const predicate = ({ state }: Query) => isReopened || state.data !== undefined;
    void client.invalidateQueries({ predicate });
  });
  return () => source.close();
}

function showScan(client: QueryClient, scan: ScanView) {
  client.setQueryData<Page<Library>>(
    keys.libraries,
    (page) =>
      page && {
        ...page,
        items: page.items.map((it) => (it.id === scan.library_id ? { ...it, scan } : it)),
      },
  );
  if (['done', 'failed', 'cancelled'].includes(scan.stage)) refreshCatalog(client);
}

/** Everything that shows items of a library. */
export function refreshCatalog(client: QueryClient) {
  void client.invalidateQueries({ queryKey: keys.libraries });
  void client.invalidateQueries({ queryKey: keys.home });
  void client.invalidateQueries({ queryKey: keys.details });
  void client.invalidateQueries({ queryKey: ['problems'] });
  void client.invalidateQueries({ queryKey: keys.review });
  void client.invalidateQueries({
    queryKey: keys.lists,
    predicate: ({ state }) => {
      const pages = (state.data as Partial<InfiniteData<unknown>> | undefined)?.pages;
      return !pages || pages.length <= REFRESH_PAGES;
    },
  });
}
