/** When subtitles show: shifted, and stretched from one rate of pictures to another. Pure. */

export interface Timing {
  /** Later; negative: earlier. */
  offset_ms: number;
  /** What times are multiplied by before: `1001/960`. */
  rate: string;
}

export const STEP_MS = 100;
const MAX_OFFSET_MS = 600_000;
export const AS_WRITTEN: Timing = { offset_ms: 0, rate: '1/1' };

/** Pictures a second that a subtitle was made for, and that the film has; with what becomes of its times. */
export const RATES: { rate: string; from: number; to: number }[] = [
  { rate: '1001/960', from: 25, to: 23.976 },
  { rate: '960/1001', from: 23.976, to: 25 },
  { rate: '25/24', from: 25, to: 24 },
  { rate: '24/25', from: 24, to: 25 },
  { rate: '1001/1000', from: 24, to: 23.976 },
  { rate: '1000/1001', from: 23.976, to: 24 },
];

export function shift(timing: Timing, ms: number): Timing {
  const offset_ms = Math.min(MAX_OFFSET_MS, Math.max(-MAX_OFFSET_MS, timing.offset_ms + ms));
  return { ...timing, offset_ms };
}

export const isAsWritten = ({ offset_ms, rate }: Timing) =>
  offset_ms === AS_WRITTEN.offset_ms && rate === AS_WRITTEN.rate;

/** The address of a subtitle at these times, whichever it was at before. */
export function timed(url: string, timing: Timing): string {
  const [path = '', query = ''] = url.split('?', 2);
  const params = new URLSearchParams(query);
  params.delete('offset_ms');
  params.delete('rate');
  if (!isAsWritten(timing)) {
    params.set('offset_ms', String(timing.offset_ms));
    params.set('rate', timing.rate);
  }
  return params.size ? `${path}?${params}` : path;
}

/** The time of a subtitle's own that shows at `ms` of the film. */
export function ownTime(ms: number, { offset_ms, rate }: Timing): number {
  const [over = 1, under = 1] = rate.split('/').map(Number);
  return ((ms - offset_ms) * under) / over;
}
