/** The one HTTP client. Every call of the app to the server goes through `answer` or `done`. */
import createClient from 'openapi-fetch';
import { ApiError } from './errors';
import type { paths } from './schema';
import type { Problem } from './types';

// The session is a cookie; this header proves that the request comes from our page and not from another site's form.
export const GUARD = { 'X-Revenge': '1' };

export const http = createClient<paths>({ baseUrl: '/api/v1', headers: GUARD, fetch: reach });

/** `fetch`, with "no answer" told apart from a cancelled request. */
async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(isPress(request) ? new Request(request, { keepalive: true }) : request);
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw new ApiError(0);
  }
}

/** A change without a body is a press of a button: it holds also for whoever leaves the page in the same moment. */
const isPress = (request: Request) => request.method !== 'GET' && !request.body;

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

/** Waits for a call whose success has no body. */
export async function done(call: Promise<Outcome>): Promise<void> {
  const { error, response } = await call;
  if (!response.ok) throw refusal(response, error);
}

function refusal(response: Response, error: unknown): ApiError {
  const problem: Partial<Problem> = typeof error === 'object' && error !== null ? error : {};
  return new ApiError(response.status, problem, response.headers.get('x-request-id') ?? undefined);
}
