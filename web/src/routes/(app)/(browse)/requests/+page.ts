import type { RequestState } from '$lib/api/types';
import type { PageLoad } from './$types';

const STATES: RequestState[] = ['waiting', 'approved', 'declined', 'available'];

export const load: PageLoad = ({ url }) => {
  const state = url.searchParams.get('state') ?? 'waiting';
  return {
    of: url.searchParams.get('of') === 'all' ? ('all' as const) : ('mine' as const),
    /** The title that is looked for. */
    text: (url.searchParams.get('q') ?? '').trim(),
    /** Of everybody's, which; nothing for all. */
    state: STATES.find((it) => it === state),
  };
};
