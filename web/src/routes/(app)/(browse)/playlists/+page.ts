import { playlistsQuery } from '$lib/api/queries/playlists';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ parent }) => {
  const { queryClient } = await parent();
  void queryClient.prefetchInfiniteQuery(playlistsQuery());
};
