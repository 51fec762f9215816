/** How a player keeps with its group. Pure: every time is handed in, in milliseconds. */
import type { Group } from '$lib/api/types';

/** Further off than this it jumps; nearer it only plays a little faster or slower. */
export const JUMP_MS = 1_000;
/** Nearer than this nobody sees or hears a difference, so nothing more is done. */
const CLOSE_MS = 25;
/** Where it stands still, the picture shall be the same. */
const STILL_MS = 80;
/** As much faster or slower as hardly anybody notices. */
const MAX_NUDGE = 0.08;
/** A second off is made up for in this time, as far as the limit lets. */
const CATCH_UP_MS = 2_000;

/** Where all are to be at `now` by the server's clock, and whether it runs. */
export function wanted(group: Group, now: number): { positionMs: number; runs: boolean } {
  const since = group.runs_since_ms;
  const runs = since != null && now >= since;
  return { positionMs: group.position_ms + (runs ? now - since : 0), runs };
}

export interface Step {
  runs: boolean;
  /** Go there at once. */
  jumpMs: number | undefined;
  /** Times the ordinary speed. */
  rate: number;
}

/** What a player at `positionMs` is to do. */
export function keepWith(group: Group, now: number, positionMs: number): Step {
  const goal = wanted(group, now);
  const behind = goal.positionMs - positionMs;
  const limit = goal.runs ? JUMP_MS : STILL_MS;
  if (Math.abs(behind) > limit) return { runs: goal.runs, jumpMs: goal.positionMs, rate: 1 };
  if (!goal.runs || Math.abs(behind) < CLOSE_MS) {
    return { runs: goal.runs, jumpMs: undefined, rate: 1 };
  }
  const nudge = Math.max(-MAX_NUDGE, Math.min(MAX_NUDGE, behind / CATCH_UP_MS));
  return { runs: true, jumpMs: undefined, rate: 1 + nudge };
}

/** Samples of the server's clock that are kept. */
const MAX_SAMPLES = 8;

/** The server's clock, as well as answers over a network tell it. */
export class ServerClock {
  #samples: { offset: number; trip: number }[] = [];

  /** An answer that says `server`, to what was asked at `asked` and arrived at `arrived`. */
  hear(server: number, asked: number, arrived: number) {
    const sample = { offset: server - (asked + arrived) / 2, trip: arrived - asked };
    this.#samples = [...this.#samples, sample].slice(-MAX_SAMPLES);
  }

  /** Of several answers, the fastest is the least wrong. */
  now(local: number): number {
    const best = this.#samples.reduce(
      (best, it) => (it.trip < best.trip ? it : best),
      this.#samples[0] ?? { offset: 0, trip: 0 },
    );
    return local + best.offset;
  }
}
