import { forYouQuery, homeQuery } from '$lib/api/queries/items';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ parent }) => {
  const { queryClient } = await parent();
  void queryClient.prefetchQuery(homeQuery());
  void queryClient.prefetchQuery(forYouQuery());
};
