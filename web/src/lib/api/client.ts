/** The one HTTP client. Every call of the app to the server goes through `answer` or `done`. */
import createClient from 'openapi-fetch';
import { AreaRequest } from '$lib/adult/area';
import { ApiError } from './errors';
import type { paths } from './schema';
import type { Problem } from './types';

// The session is a cookie; this header proves that the request comes from our page and not from another site's form.
export const GUARD = { 'X-Revenge': '1' };

export const http = createClient<paths>({
  baseUrl: '/api/v1',
  headers: GUARD,
  Request: AreaRequest,
  fetch: reach,
});

/** `fetch`, with "no answer" told apart from a cancelled request. */
export async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(await lasting(request));
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw new ApiError(0);
  }
}

/** Browsers carry 64 KiB on behalf of pages that are left, all their requests together. */
const CARRIED_BYTES = 16 * 1024;

/**
 * A change, made to hold also for whoever leaves the page in the same moment: pages show it before the server has it.
 * Uploads are not: they are too large for it, and show how far they are.
 */
async function lasting(request: Request): Promise<Request> {
  if (request.method === 'GET') return request;
  if (!request.body) return new Request(request, { keepalive: true });
  if (request.headers.get('content-type') !== 'application/json') return request;
  const body = await request.clone().text();
  if (body.length > CARRIED_BYTES) return request;
  return new Request(request, { body, keepalive: true });
}

interface Outcome {
  data?: unknown;
  error?: unknown;
  response: Response;
}

/** The body of a successful call; throws `ApiError` otherwise. */
export async function answer<T extends Outcome>(call: Promise<T>): Promise<NonNullable<T['data']>> {
  const { data, error, response } = await call;
  if (!response.ok || data === undefined) throw refusal(response, error);
  return data as NonNullable<T['data']>;
}

/** The body of a successful call, `null` where it has none (yet); throws `ApiError` otherwise. */
export async function outcome<T extends Outcome>(
  call: Promise<T>,
): Promise<NonNullable<T['data']> | null> {
  const { data, error, response } = await call;
  if (!response.ok) throw refusal(response, error);
  return response.status === 202 ? null : ((data ?? null) as NonNullable<T['data']> | null);
}

/** What a signed address of ours leads to, which must be JSON. */
export async function follow(url: string): Promise<unknown> {
  const response = await reach(new Request(url));
  if (!response.ok) throw refusal(response, undefined);
  return response.json();
}

/** Waits for a call whose success has no body. */
export async function done(call: Promise<Outcome>): Promise<void> {
  const { error, response } = await call;
  if (!response.ok) throw refusal(response, error);
}

function refusal(response: Response, error: unknown): ApiError {
  const problem: Partial<Problem> = typeof error === 'object' && error !== null ? error : {};
  return new ApiError(response.status, problem, response.headers.get('x-request-id') ?? undefined);
}
