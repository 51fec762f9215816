import type { QueryClient } from '@tanstack/svelte-query';

declare global {
  namespace App {
    interface Error {
      message: string;
      /** The server's stable name of what went wrong, when it said one. */
      code?: string;
    }
    interface PageData {
      queryClient: QueryClient;
    }
  }
}

export {};
