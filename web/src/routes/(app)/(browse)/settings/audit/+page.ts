import type { PageLoad } from './$types';

const DAYS = [0, 1, 7, 30];

export const load: PageLoad = ({ url }) => ({
  allDays: DAYS,
  person: url.searchParams.get('person') ?? '',
  action: url.searchParams.get('action') ?? '',
  days: DAYS.find((it) => String(it) === url.searchParams.get('days')) ?? 0,
});
