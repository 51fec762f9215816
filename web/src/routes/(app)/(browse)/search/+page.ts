import { fullSearchQuery } from '$lib/api/queries/search';
import type { PageLoad } from './$types';
import { searchOrderOf } from './search-order';

/** One answer; further hits are better found by a further letter. */
const MAX_HITS = 100;

export const load: PageLoad = async ({ url, parent }) => {
  const { queryClient } = await parent();
  const text = (url.searchParams.get('q') ?? '').trim();
  const order = searchOrderOf(url.searchParams.get('sort'));
  if (text) void queryClient.prefetchQuery(fullSearchQuery(text, MAX_HITS, order));
  return { text, order, maxHits: MAX_HITS };
};
