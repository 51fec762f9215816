import { QueryObserver } from '@tanstack/svelte-query';
import { expect, it, vi } from 'vitest';
import { createQueryClient } from './query-client';

it('tells of an answer also where only its error was read so far', async () => {
  const client = createQueryClient(
    () => undefined,
    () => undefined,
    () => undefined,
  );
  const options = client.defaultQueryOptions({
    queryKey: ['film'],
    queryFn: () => Promise.resolve('answer'),
  });
  const observer = new QueryObserver(client, options);
  // What a component that shows two queries does while it waits for the other one.
  expect(observer.trackResult(observer.getCurrentResult()).error).toBeNull();
  const seen = vi.fn();
  const stop = observer.subscribe((result) => seen(result.data));
  await vi.waitFor(() => expect(client.isFetching()).toBe(0));
  expect(seen).toHaveBeenLastCalledWith('answer');
  stop();
});
