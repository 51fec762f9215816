import { librariesQuery } from '$lib/api/queries/libraries';
import type { LayoutLoad } from './$types';

export const load: LayoutLoad = async ({ parent }) => {
  const { queryClient } = await parent();
  void queryClient.prefetchQuery(librariesQuery());
};
