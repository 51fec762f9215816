/** Who did what. */
import { infiniteQueryOptions } from '@tanstack/svelte-query';
import { answer, http } from '../client';
import { keys } from '../keys';
import type { Act, Page } from '../types';

export interface AuditFilter {
  person?: string | undefined;
  action?: string | undefined;
  /** Acts of so many days. */
  days?: number | undefined;
}

const DAY_MS = 24 * 3_600_000;

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: keys.audit(filter),
    queryFn: ({ signal, pageParam }): Promise<Page<Act>> => {
      const { person, action, days } = filter;
      const from = days && new Date(Date.now() - days * DAY_MS).toISOString();
      const query = {
        limit: 50,
        cursor: pageParam,
        ...(person && { person }),
        ...(action && { action }),
        ...(from && { from }),
      };
      return answer(http.GET('/audit', { params: { query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<Act>) => page.next ?? undefined,
  });
