import { redirect } from '@sveltejs/kit';
import { meQuery } from '$lib/api/queries/session';
import type { PageLoad } from './$types';

/** For who comes outside of their hours; everybody else goes on. */
export const load: PageLoad = async ({ parent }) => {
  const { queryClient } = await parent();
  const me = await queryClient
    .fetchQuery({ ...meQuery(), staleTime: 0 })
    .catch(() => redirect(307, '/sign-in'));
  if (!me.opens_at) redirect(307, '/');
  return { me };
};
