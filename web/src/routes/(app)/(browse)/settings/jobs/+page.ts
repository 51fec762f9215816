import type { JobFilter } from '$lib/api/types';
import type { PageLoad } from './$types';

const STATES: JobFilter[] = ['running', 'queued', 'failed', 'done'];

export const load: PageLoad = ({ url }) => ({
  states: STATES,
  state: STATES.find((it) => it === url.searchParams.get('state')) ?? 'running',
});
