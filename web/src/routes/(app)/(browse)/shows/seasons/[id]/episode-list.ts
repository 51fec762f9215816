/** The episodes of a season, with those that are not there in their places. Pure. */
import type { ItemCard, MissingEpisode } from '$lib/api/types';

interface Line {
  key: string;
  episode?: ItemCard;
  missing?: MissingEpisode;
  /** A special that stands here because it was broadcast then; it is of another season. */
  isPlaced: boolean;
}

/**
 * Both lists come in order; an episode without a number keeps its place among its neighbours, and so does a special, whose
 * number counts elsewhere.
 */
export function withMissing(
  episodes: ItemCard[],
  missing: MissingEpisode[],
  seasonId: string,
): Line[] {
  const lines: Line[] = [];
  let next = 0;
  for (const episode of episodes) {
    const isPlaced = episode.parent_id !== seasonId;
    const number = isPlaced ? -Infinity : (episode.episode_number ?? -Infinity);
    while (next < missing.length && (missing[next]?.episode_number ?? 0) < number) {
      lines.push(lineOf(missing[next++] as MissingEpisode));
    }
    lines.push({ key: episode.id, episode, isPlaced });
  }
  return [...lines, ...missing.slice(next).map(lineOf)];
}

const lineOf = (missing: MissingEpisode): Line => ({
  key: `missing-${missing.episode_number}`,
  missing,
  isPlaced: false,
});
