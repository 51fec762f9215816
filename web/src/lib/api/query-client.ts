import { MutationCache, QueryCache, QueryClient } from '@tanstack/svelte-query';
import { failureOf } from './errors';

/** Failures that asking again can mend. */
const PASSING = ['offline', 'server', 'busy'];

/**
 * The cache of everything the server said.
 *
 * `onSignedOut` runs when any call finds the session gone.
 */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (failureOf(error) === 'signed_out') onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // Server events say when something changed; until then an answer stays good for a while.
        staleTime: 30_000,
        retry: (attempts, error) => attempts < 2 && PASSING.includes(failureOf(error)),
      },
    },
  });
}
