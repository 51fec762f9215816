import type { Problem } from './types';

/** What went wrong, sorted by what the person can do about it. */
export type Failure =
  'offline' | 'signed_out' | 'forbidden' | 'not_found' | 'invalid' | 'busy' | 'server';

/** An answer of the server that is not a success, or no answer at all (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  /** Stable name, such as `accounts.name_taken`; messages are chosen by it. */
  readonly code: string;
  readonly field: string | undefined;
  readonly requestId: string | undefined;

  constructor(status: number, problem: Partial<Problem> = {}, requestId?: string) {
    super(problem.detail || problem.title || (status ? `HTTP ${status}` : 'no connection'));
    this.name = 'ApiError';
    this.status = status;
    this.code = problem.code ?? '';
    this.field = problem.field ?? undefined;
    this.requestId = requestId;
  }

  get failure(): Failure {
    if (this.status === 0 || this.status === 502 || this.status === 504) return 'offline';
    if (this.status === 401) return 'signed_out';
    if (this.status === 403) return 'forbidden';
    if (this.status === 404) return 'not_found';
    if (this.status === 429) return 'busy';
    return this.status < 500 ? 'invalid' : 'server';
  }
}

export function failureOf(error: unknown): Failure {
  return error instanceof ApiError ? error.failure : 'server';
}
