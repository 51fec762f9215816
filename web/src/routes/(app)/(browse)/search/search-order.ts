/** In which order hits come, as the address has it. */
import type { SearchSort } from '$lib/api/types';

/** The best first, or by one of these. */
export type SearchOrder = SearchSort | 'best';

export const ORDERS: readonly SearchOrder[] = ['best', 'title', 'year', 'rating', 'added_at'];

export const searchOrderOf = (text: string | null): SearchOrder =>
  ORDERS.find((it) => it === text) ?? 'best';

/** The part of the address that tells it all, with its question mark. */
export function searchAddress(text: string, order: SearchOrder): string {
  const parts = new URLSearchParams();
  if (text) parts.set('q', text);
  if (text && order !== 'best') parts.set('sort', order);
  return `?${parts}`;
}
