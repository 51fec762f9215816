import type { Segment } from '$lib/api/types';

/** What is nearly over is not worth a button. */
const WORTH_MS = 2000;
/** What a film ends with is not skipped but left. */
const END_MS = 5000;

/** The part at a moment that one may want to skip. Credits only where something comes behind them. */
export function skippableAt(segments: Segment[], ms: number, durationMs: number) {
  return segments.find(
    (it) =>
      it.start_ms <= ms &&
      ms < it.end_ms - WORTH_MS &&
      it.end_ms < durationMs - END_MS &&
      (it.kind !== 'credits' || it.start_ms > durationMs / 2),
  );
}

/** Whether a moment is in the last credits, so that what follows is the next film. */
export function isInLastCredits(segments: Segment[], ms: number, durationMs: number): boolean {
  const last = segments.findLast((it) => it.kind === 'credits');
  if (!last || last.start_ms < durationMs / 2) return false;
  return ms >= last.start_ms && last.end_ms >= durationMs - END_MS;
}
