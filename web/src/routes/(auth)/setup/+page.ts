import { redirect } from '@sveltejs/kit';
import { serverQuery } from '$lib/api/queries/session';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ parent }) => {
  const { queryClient } = await parent();
  const server = await queryClient.fetchQuery({ ...serverQuery(), staleTime: 0 });
  // Once the account exists the rest of the wizard is optional; a reload leads into the app.
  if (!server.setup_needed) redirect(307, '/');
  return { server };
};
