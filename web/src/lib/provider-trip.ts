/** What this tab remembers while its person is at a provider of identity. */
import type { ProviderReturn } from '$lib/api/types';

const KEY = 'revenge.provider-trip';

export interface Trip {
  /** Where they go on afterwards. */
  next: string;
  /** They connect the account they are signed in to. */
  isLinking: boolean;
}

/** Leaves for the provider. */
export function leave(url: string, trip: Trip): void {
  sessionStorage.setItem(KEY, JSON.stringify(trip));
  location.assign(url);
}

/** What was remembered, once. */
export function comeBack(): Trip {
  const kept = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  try {
    return kept ? (JSON.parse(kept) as Trip) : { next: '/', isLinking: false };
  } catch {
    return { next: '/', isLinking: false };
  }
}

/** What the provider sent along in the address. */
export function returned(query: URLSearchParams, device: string): ProviderReturn {
  const { state = '', code, error, iss } = Object.fromEntries(query);
  return { state, code, error, iss, device };
}
