import { collectionsQuery } from '$lib/api/queries/about';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ parent }) => {
  const { queryClient } = await parent();
  void queryClient.prefetchInfiniteQuery(collectionsQuery());
};
