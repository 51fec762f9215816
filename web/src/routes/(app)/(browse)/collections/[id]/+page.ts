import { collectionQuery } from '$lib/api/queries/about';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, parent }) => {
  const { queryClient } = await parent();
  void queryClient.prefetchQuery(collectionQuery(params.id));
  return { id: params.id };
};
