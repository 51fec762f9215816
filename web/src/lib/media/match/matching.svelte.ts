/** Saying what an item is: shown at once, and where the details come from told by and by. */
import { createMutation, useQueryClient } from '@tanstack/svelte-query';
import { keys } from '$lib/api/keys';
import { deleteMatch, setMatch, settleReview } from '$lib/api/queries/metadata';
import type { MatchCandidate } from '$lib/api/types';
import { explain } from '$lib/i18n/explain';
import { getI18n } from '$lib/i18n/i18n.svelte';
import { getToasts } from '$lib/state/toasts.svelte';

/** What is asked for: an item, and what it is; nothing providers know when left out. */
interface Wish {
  itemId: string;
  candidate?: MatchCandidate;
}

/** To be called while a component starts. `onsettled` runs when the server has taken it. */
export function useMatching(onsettled?: () => void) {
  const client = useQueryClient();
  const i18n = getI18n();
  const toasts = getToasts();

  return createMutation(() => ({
    mutationFn: async ({ itemId, candidate }: Wish) => {
      if (!candidate) return deleteMatch(itemId);
      await setMatch(itemId, { provider: candidate.provider, id: candidate.id });
    },
    onMutate: ({ itemId }: Wish) => settleReview(client, itemId),
    onSuccess: (_: unknown, { candidate }: Wish) => {
      const { t } = i18n;
      toasts.good(candidate ? t.match.matched(candidate.title) : t.match.unmatched);
      onsettled?.();
    },
    onError: (error: unknown) => toasts.bad(explain(error, i18n.t)),
    onSettled: () => {
      for (const queryKey of [keys.review, keys.details, keys.lists, keys.libraries]) {
        void client.invalidateQueries({ queryKey });
      }
    },
  }));
}
