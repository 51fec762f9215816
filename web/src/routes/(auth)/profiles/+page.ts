import { redirect } from '@sveltejs/kit';
import { profilesQuery } from '$lib/api/queries/profiles';
import { meQuery } from '$lib/api/queries/session';
import type { PageLoad } from './$types';

/** For who is signed in on a device that others use too, outside of their hours as well. */
export const load: PageLoad = async ({ parent }) => {
  const { queryClient } = await parent();
  const me = await queryClient.ensureQueryData(meQuery()).catch(() => redirect(307, '/sign-in'));
  const profiles = await queryClient
    .fetchQuery({ ...profilesQuery(), staleTime: 0 })
    .catch(() => redirect(307, '/'));
  return { me, profiles };
};
