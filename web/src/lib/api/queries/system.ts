/** The health of the server's parts. */
import { queryOptions } from '@tanstack/svelte-query';
import { answer, http } from '../client';
import { keys } from '../keys';

export const systemQuery = () =>
  queryOptions({
    queryKey: keys.system,
    queryFn: ({ signal }) => answer(http.GET('/system', { signal })),
    refetchInterval: 15_000,
  });
