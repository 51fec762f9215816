import { ApiError } from '$lib/api/errors';
import type { PlaybackReason } from '$lib/api/types';
import type { Messages } from './en';

/** A sentence for a person about what went wrong. The server's own detail stands in where we have none. */
export function explain(error: unknown, t: Messages): string {
  const internal = t.errors['internal'] ?? '';
  if (!(error instanceof ApiError)) return internal;
  if (error.failure === 'offline') return t.errors['offline'] ?? internal;
  const known = t.errors[error.code];
  if (known) return known;
  return error.failure === 'server' ? internal : error.message;
}

/** Why a film is not played as it is, as a sentence. The server's own stands in where we have none. */
export const explainReason = ({ code, message }: PlaybackReason, t: Messages): string =>
  t.player.reasons[code] ?? message;
