import { castItemsQuery, castQuery } from '$lib/api/queries/about';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, parent }) => {
  const { queryClient } = await parent();
  void queryClient.prefetchQuery(castQuery(params.id));
  void queryClient.prefetchInfiniteQuery(castItemsQuery(params.id));
  return { id: params.id };
};
