import { redirect } from '@sveltejs/kit';
import { waysQuery } from '$lib/api/queries/providers';
import { serverQuery } from '$lib/api/queries/session';
import type { SignInWays } from '$lib/api/types';
import type { PageLoad } from './$types';

const PASSWORD_ALONE: SignInWays = {
  password: true,
  passkey: true,
  providers: [],
  proxy_name: null,
};

export const load: PageLoad = async ({ parent, url }) => {
  const { queryClient } = await parent();
  const server = await queryClient.fetchQuery(serverQuery()).catch(() => undefined);
  if (server?.setup_needed) redirect(307, '/setup');
  const ways = await queryClient.fetchQuery(waysQuery()).catch(() => PASSWORD_ALONE);
  const next = url.searchParams.get('next') ?? '/';
  // Only places of our own: an address of another site must not ride on our sign-in.
  const isOurs = /^\/(?![/\\])/.test(next);
  return { next: isOurs ? next : '/', serverName: server?.name ?? 'Revenge', ways };
};
