/** Seasons as people type them: "1, 3-5". */

const MAX_SEASON = 9_999;
const MAX_SEASONS = 100;

/** The numbers in order, each once; nothing where somebody wrote something else. */
export function parseSeasons(text: string): number[] | undefined {
  const seasons = new Set<number>();
  for (const part of text.split(/[,;\s]+/).filter(Boolean)) {
    const range = /^(\d{1,4})(?:[-–](\d{1,4}))?$/.exec(part);
    if (!range) return undefined;
    const [first, last] = [Number(range[1]), Number(range[2] ?? range[1])];
    if (last < first || last > MAX_SEASON || last - first >= MAX_SEASONS) return undefined;
    for (let season = first; season <= last; season += 1) seasons.add(season);
  }
  return seasons.size > MAX_SEASONS ? undefined : [...seasons].sort((one, other) => one - other);
}
