import { error, redirect } from '@sveltejs/kit';
import { ApiError, failureOf } from '$lib/api/errors';
import { meQuery, serverQuery } from '$lib/api/queries/session';
import type { LayoutLoad } from './$types';

/** Nobody gets past here without an account; a fresh server leads to its set-up. */
export const load: LayoutLoad = async ({ parent, url }) => {
  const { queryClient } = await parent();
  let mustAddFactor = false;
  try {
    const me = await queryClient.ensureQueryData(meQuery());
    if (!me.lacks_factor) return { me };
    mustAddFactor = true;
  } catch (cause) {
    if (failureOf(cause) !== 'signed_out') return refuse(cause);
  }
  if (mustAddFactor) redirect(307, '/second-factor');
  const server = await queryClient.fetchQuery(serverQuery()).catch(refuse);
  if (server.setup_needed) redirect(307, '/setup');
  const next = url.pathname + url.search;
  redirect(307, next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`);
};

function refuse(cause: unknown): never {
  const status = failureOf(cause) === 'offline' ? 503 : 500;
  error(status, { message: String(cause), code: cause instanceof ApiError ? cause.code : '' });
}
