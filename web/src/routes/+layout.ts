import { browser } from '$app/environment';
import { goto } from '$app/navigation';
import { createQueryClient } from '$lib/api/query-client';
import type { LayoutLoad } from './$types';

// The server sends files only; every page is made in the browser.
export const ssr = false;

export const load: LayoutLoad = () => ({
  queryClient: createQueryClient(
    () => {
      if (!browser || location.pathname.startsWith('/sign-in')) return;
      const next = location.pathname + location.search;
      void goto(`/sign-in?next=${encodeURIComponent(next)}`, { replaceState: true });
    },
    () => {
      if (browser && location.pathname !== '/second-factor') void goto('/second-factor');
    },
    () => {
      if (browser && location.pathname !== '/closed') void goto('/closed', { replaceState: true });
    },
  ),
});
