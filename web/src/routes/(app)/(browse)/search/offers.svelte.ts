/** What a box of search offers: how its text may go on, and what was looked for before while it is empty. */
import { createQuery } from '@tanstack/svelte-query';
import { completionsQuery, recentSearchesQuery } from '$lib/api/queries/search';
import { getI18n } from '$lib/i18n/i18n.svelte';
import { Debounced } from '$lib/state/debounced.svelte';
import { isCompletable, keyAtEnd, valueName } from './search-text';

const TYPING_PAUSE_MS = 80;
const MAX_RECENT = 8;

export interface Offer {
  /** The whole text of the box, once it is chosen. */
  text: string;
  label: string;
  /** How many items have it. */
  count?: number | null | undefined;
  isRecent: boolean;
}

/** To be called while a component starts. */
export function searchOffers(text: () => string, isOpen: () => boolean) {
  const i18n = getI18n();
  const asked = new Debounced(text, TYPING_PAUSE_MS);
  const completions = createQuery(() =>
    completionsQuery(
      asked.current,
      isOpen() && asked.current !== '' && isCompletable(asked.current),
    ),
  );
  const recent = createQuery(() => ({ ...recentSearchesQuery(), enabled: isOpen() }));
  const offers = $derived.by((): Offer[] => {
    if (!text().trim()) {
      return (recent.data ?? [])
        .slice(0, MAX_RECENT)
        .map((it) => ({ text: it.text, label: it.text, isRecent: true }));
    }
    if (asked.current !== text() || !isCompletable(asked.current)) return [];
    const key = keyAtEnd(asked.current);
    const words = { kindGroups: i18n.t.kindGroups, own: i18n.t.search.own };
    return (completions.data ?? []).map((it) => ({
      ...it,
      label: it.label.endsWith(':') ? it.label : valueName(key, it.label, i18n.language, words),
      isRecent: false,
    }));
  });

  return {
    get current() {
      return offers;
    },
  };
}
