import { redirect } from '@sveltejs/kit';
import { serverQuery } from '$lib/api/queries/session';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ parent, url }) => {
  const { queryClient } = await parent();
  const server = await queryClient.fetchQuery(serverQuery()).catch(() => undefined);
  if (server?.setup_needed) redirect(307, '/setup');
  const next = url.searchParams.get('next') ?? '/';
  // Only places of our own: an address of another site must not ride on our sign-in.
  return { next: /^\/(?![/\\])/.test(next) ? next : '/', serverName: server?.name ?? 'Revenge' };
};
