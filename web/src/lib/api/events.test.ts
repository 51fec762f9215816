import { QueryClient, QueryObserver } from '@tanstack/svelte-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listen } from './events';

class StreamStub extends EventTarget {
  static last: StreamStub;
  closed = false;
  constructor(readonly url: string) {
    super();
    StreamStub.last = this;
  }
  close() {
    this.closed = true;
  }
}

/** A query on screen, and how often it was asked. */
function shown(client: QueryClient, key: string) {
  const ask = vi.fn(() => Promise.resolve('answer'));
  const observer = new QueryObserver(client, { queryKey: [key], queryFn: ask, staleTime: 60_000 });
  const stop = observer.subscribe(() => undefined);
  return { ask, stop };
}

const settled = (client: QueryClient) => vi.waitFor(() => expect(client.isFetching()).toBe(0));

describe('the stream of events', () => {
  beforeEach(() => vi.stubGlobal('EventSource', StreamStub));
  afterEach(() => vi.unstubAllGlobals());

  it('has asked again when it opens what was answered before', async () => {
    const client = new QueryClient();
    const stopListening = listen(client);
    const { ask, stop } = shown(client, 'film');
    await settled(client);
    StreamStub.last.dispatchEvent(new Event('open'));
    await settled(client);
    expect(ask).toHaveBeenCalledTimes(2);
    stop();
    stopListening();
    expect(StreamStub.last.closed).toBe(true);
  });

  it('leaves alone at its first opening what is not answered yet', async () => {
    const client = new QueryClient();
    listen(client);
    const { ask, stop } = shown(client, 'film');
    StreamStub.last.dispatchEvent(new Event('open'));
    await settled(client);
    expect(ask).toHaveBeenCalledTimes(1);
    StreamStub.last.dispatchEvent(new Event('open'));
    await settled(client);
    expect(ask).toHaveBeenCalledTimes(2);
    stop();
  });
});
