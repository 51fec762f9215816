/** Decides when the server hears how far a film has come. Knows neither the clock nor the network. */
import type { ProgressReport } from '$lib/api/types';

/** A crash of the browser costs at most this much of the position. */
export const REPORT_EVERY_MS = 10_000;

type State = ProgressReport['state'];

export class ProgressReporter {
  readonly #send: (report: ProgressReport) => void;
  readonly #fileId: string;
  #sentAt = -Infinity;
  #last: { state: State; position_ms: number } | undefined;

  constructor(fileId: string, send: (report: ProgressReport) => void) {
    this.#fileId = fileId;
    this.#send = send;
  }

  /** Called as often as the position moves. */
  playing(positionMs: number, durationMs: number | undefined, nowMs: number) {
    if (nowMs - this.#sentAt < REPORT_EVERY_MS) return;
    this.#sentAt = nowMs;
    this.#report('playing', positionMs, durationMs);
  }

  /** The next `playing` after a pause is sent at once. */
  paused(positionMs: number, durationMs: number | undefined) {
    this.#sentAt = -Infinity;
    this.#report('paused', positionMs, durationMs);
  }

  /** Called now and then while nothing moves, so that the server does not believe the player gone. */
  standing(positionMs: number, durationMs: number | undefined) {
    this.#last = undefined;
    this.#report('paused', positionMs, durationMs);
  }

  stopped(positionMs: number, durationMs: number | undefined) {
    this.#report('stopped', positionMs, durationMs);
  }

  #report(state: State, positionMs: number, durationMs: number | undefined) {
    const position_ms = Math.round(positionMs);
    // Leaving a page fires several events in a row; one of them says it all.
    if (this.#last?.state === state && this.#last.position_ms === position_ms) return;
    this.#last = { state, position_ms };
    const duration_ms = durationMs ? Math.round(durationMs) : undefined;
    this.#send({ state, position_ms, duration_ms, file_id: this.#fileId });
  }
}
