import type { PageLoad } from './$types';

export const load: PageLoad = ({ params, url }) => ({
  id: params.id,
  fileId: url.searchParams.get('file') ?? undefined,
  fromStart: url.searchParams.get('from') === 'start',
  groupId: url.searchParams.get('group') ?? undefined,
  isExtra: url.searchParams.has('extra'),
});
