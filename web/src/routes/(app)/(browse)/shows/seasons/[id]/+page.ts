import { itemQuery } from '$lib/api/queries/items';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, parent }) => {
  const { queryClient } = await parent();
  void queryClient.prefetchQuery(itemQuery(params.id));
  return { id: params.id };
};
