import { error, redirect } from '@sveltejs/kit';
import { ApiError, failureOf } from '$lib/api/errors';
import { meQuery, serverQuery } from '$lib/api/queries/session';
import type { LayoutLoad } from './$types';

/** Nobody gets past here without an account; a fresh server leads to its set-up. */
export const load: LayoutLoad = async ({ parent, url }) => {
  const { queryClient } = await parent();
  let elsewhere: '/second-factor' | '/closed' | undefined;
  try {
    const me = await queryClient.ensureQueryData(meQuery());
    if (!me.lacks_factor && !me.opens_at) return { me };
    elsewhere = me.lacks_factor ? '/second-factor' : '/closed';
  } catch (cause) {
    if (failureOf(cause) !== 'signed_out') return refuse(cause);
  }
  if (elsewhere) redirect(307, elsewhere);
  const server = await queryClient.fetchQuery(serverQuery()).catch(refuse);
  if (server.setup_needed) redirect(307, '/setup');
  const next = url.pathname + url.search;
  redirect(307, next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`);
};

function refuse(cause: unknown): never {
  const status = failureOf(cause) === 'offline' ? 503 : 500;
  error(status, { message: String(cause), code: cause instanceof ApiError ? cause.code : '' });
}
