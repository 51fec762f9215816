import { fullSearchQuery } from '$lib/api/queries/search';
import type { PageLoad } from './$types';

/** One answer; further hits are better found by a further letter. */
const MAX_HITS = 100;

export const load: PageLoad = async ({ url, parent }) => {
  const { queryClient } = await parent();
  const text = (url.searchParams.get('q') ?? '').trim();
  if (text) void queryClient.prefetchQuery(fullSearchQuery(text, MAX_HITS));
  return { text, maxHits: MAX_HITS };
};
