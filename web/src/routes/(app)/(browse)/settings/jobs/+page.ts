import type { JobFilter } from '$lib/api/types';
import type { PageLoad } from './$types';

type Shown = JobFilter | 'schedules';

const STATES: Shown[] = ['running', 'queued', 'failed', 'done', 'schedules'];

export const load: PageLoad = ({ url }) => ({
  states: STATES,
  state: STATES.find((it) => it === url.searchParams.get('state')) ?? 'running',
});
