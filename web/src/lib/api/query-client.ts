import { MutationCache, QueryCache, QueryClient } from '@tanstack/svelte-query';
import { ApiError, failureOf } from './errors';

/** Failures that asking again can mend. */
const PASSING = ['offline', 'server', 'busy'];

/**
 * The cache of everything the server said.
 *
 * `onSignedOut` runs when any call finds the session gone, `onBarred` when it finds that the account's role demands a second
 * factor that it does not have, `onClosed` when it is outside of the person's hours.
 */
export function createQueryClient(
  onSignedOut: () => void,
  onBarred: () => void,
  onClosed: () => void,
): QueryClient {
  const onError = (error: unknown) => {
    if (failureOf(error) === 'signed_out') onSignedOut();
    if (error instanceof ApiError && error.code === 'accounts.second_factor_needed') onBarred();
    if (error instanceof ApiError && error.code === 'accounts.outside_hours') onClosed();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // Server events say when something changed; until then an answer stays good for a while.
        staleTime: 30_000,
        // By itself a query tells only of what was read of it before. Whoever waits for two answers and reads the
        // second only once the first is there would never hear of a second that came earlier.
        notifyOnChangeProps: 'all',
        retry: (attempts, error) => attempts < 2 && PASSING.includes(failureOf(error)),
      },
    },
  });
}
