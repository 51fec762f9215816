import { gridQuery } from '$lib/api/queries/items';
import { librariesQuery } from '$lib/api/queries/libraries';
import { shownKind } from '$lib/kinds';
import { readView, toFilter } from './library-view';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, url, parent }) => {
  const { queryClient } = await parent();
  const view = readView(url.searchParams);
  // The kind of the library decides what is asked for; it is known after the first page of a visit.
  const { items } = await queryClient
    .ensureQueryData(librariesQuery())
    .catch(() => ({ items: [] }));
  const library = items.find((it) => it.id === params.id);
  const filter = {
    ...toFilter(view),
    library_id: params.id,
    kind: library && shownKind(library),
  };
  void queryClient.prefetchInfiniteQuery(gridQuery(filter));
  return { libraryId: params.id, view, filter };
};
