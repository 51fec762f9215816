import { gridQuery } from '$lib/api/queries/items';
import type { ItemFilter } from '$lib/api/types';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ parent }) => {
  const { queryClient } = await parent();
  const filter: ItemFilter = { favourite: true, sort: 'title', direction: 'asc' };
  void queryClient.prefetchInfiniteQuery(gridQuery(filter));
  return { filter };
};
