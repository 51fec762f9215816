import type { PageLoad } from './$types';

export const load: PageLoad = ({ url }) => ({
  /** Empty for all libraries. */
  libraryId: url.searchParams.get('library') ?? '',
  /** The item that is being searched for. */
  searchedId: url.searchParams.get('search') ?? '',
});
