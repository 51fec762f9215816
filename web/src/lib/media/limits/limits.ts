import type { LibraryLimits, PersonLimits } from '$lib/api/types';

/** Limits as fields of a form hold them: numbers once they were typed, empty for none. */
export interface LimitTexts {
  streams: string | number | null;
  mbps: string | number | null;
  localMbps: string | number | null;
}

const MEGABIT = 1_000_000;

/** What the fields begin with. */
export const toTexts = (limits: Partial<PersonLimits> | null | undefined): LimitTexts => ({
  streams: limits?.max_streams ?? '',
  mbps: toMegabits(limits?.max_bitrate_bps),
  localMbps: toMegabits(limits?.max_local_bitrate_bps),
});

/** What the fields say. */
export const toLimits = (texts: LimitTexts): PersonLimits => ({
  max_streams: toNumber(texts.streams),
  ...toBitrates(texts),
});

/** The same, of a library. */
export const toBitrates = ({ mbps, localMbps }: LimitTexts): LibraryLimits => ({
  max_bitrate_bps: toBits(mbps),
  max_local_bitrate_bps: toBits(localMbps),
});

const toMegabits = (bps: number | null | undefined) => (bps ? bps / MEGABIT : '');

const toNumber = (text: string | number | null) =>
  text === '' || text === null ? null : Number(text);

function toBits(text: string | number | null) {
  const megabits = toNumber(text);
  return megabits === null ? null : Math.round(megabits * MEGABIT);
}
