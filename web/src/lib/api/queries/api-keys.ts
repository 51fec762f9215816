/** API keys: programs that act in one's name. */
import { queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';
import type { NewApiKey } from '../types';

export const apiKeysQuery = () =>
  queryOptions({
    queryKey: keys.apiKeys,
    queryFn: ({ signal }) =>
      answer(http.GET('/me/keys', { params: { query: { limit: 500 } }, signal })),
  });

export const createApiKey = (body: NewApiKey) => answer(http.POST('/me/keys', { body }));

export const deleteApiKey = (id: string) =>
  done(http.DELETE('/me/keys/{id}', { params: { path: { id } } }));
