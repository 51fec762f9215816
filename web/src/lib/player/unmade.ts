/** What the server could not convert of a film. */
import type { NotConverted } from '../api/types';

/** A part that is made anew: the file, its version, the stream, and how it is made. */
const MADE = /\/hls\/([^/]+)\/[^/]+\/(\d+)\/[^/]+\/(?:init\.mp4|segments\/\d+)/;

/** The answer to a part of a film, as hls.js hands it on. */
export interface PartAnswer {
  url: string | undefined;
  status: number | undefined;
  /** What came in place of the part. */
  body: unknown;
}

/** The stream whose conversion failed, if that is what the server answered. */
export function unmadeBy({ url, status, body }: PartAnswer): NotConverted | undefined {
  if (status !== 409 || codeOf(body) !== 'playback.not_converted') return undefined;
  const [, fileId, stream] = MADE.exec(url ?? '') ?? [];
  return fileId && stream ? { file_id: fileId, stream: Number(stream) } : undefined;
}

/** The same list with one more; nothing where it is in it already, and there is nothing new to be told. */
export function withUnmade(
  all: readonly NotConverted[],
  one: NotConverted,
): NotConverted[] | undefined {
  const isTold = all.some((it) => it.file_id === one.file_id && it.stream === one.stream);
  return isTold ? undefined : [...all, one];
}

function codeOf(body: unknown): unknown {
  if (!(body instanceof ArrayBuffer)) return undefined;
  try {
    const problem: unknown = JSON.parse(new TextDecoder().decode(body));
    return (problem as { code?: unknown } | null)?.code;
  } catch {
    return undefined;
  }
}
