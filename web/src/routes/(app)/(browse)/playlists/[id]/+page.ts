import { entriesQuery, playlistQuery } from '$lib/api/queries/playlists';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, parent }) => {
  const { queryClient } = await parent();
  void queryClient.prefetchQuery(playlistQuery(params.id));
  void queryClient.prefetchInfiniteQuery(entriesQuery(params.id));
  return { id: params.id };
};
