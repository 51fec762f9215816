import type { NoticeOwner } from '$lib/api/types';

export const load = ({ url }): { owner: NoticeOwner } => ({
  owner: url.searchParams.get('of') === 'server' ? 'server' : 'mine',
});
