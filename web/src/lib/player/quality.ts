/** The sizes of a film's picture that a playlist offers: as it is, and as the server converts it. */
import type { default as Hls, Level } from 'hls.js';

/** As the film is, or how many lines it is converted to. */
export type Quality = 'original' | `${number}`;
/** What a person chooses: one of them, or to leave it to the player. */
export type QualityChoice = Quality | 'auto';

/** What the address of a playlist says of its picture. */
export function qualityOf(url: string): Quality {
  const lines = /\/h264-(\d+)-[a-z]+\/media\.m3u8/.exec(url)?.[1];
  return lines ? `${Number(lines)}` : 'original';
}

const levelQuality = (level: Level) => qualityOf(level.uri);

/**
 * Keeps a player at what was chosen. Left alone, it stays with the first of the playlist, which is the best: converting
 * costs the server much and the picture something, so only a connection that proves too slow for the original makes the
 * player choose by itself.
 */
export class QualityControl {
  readonly #hls: Hls;
  #choice: QualityChoice = 'auto';

  constructor(hls: Hls) {
    this.#hls = hls;
  }

  /** What there is, the best first; to be asked when the playlist is there. */
  get offered(): Quality[] {
    return this.#hls.levels.map(levelQuality).reverse();
  }

  /** The playlist is there. */
  begin() {
    const original = this.#find('original');
    this.#hls.startLevel = original >= 0 ? original : this.#hls.firstLevel;
    if (original >= 0) this.#hls.loadLevel = original;
  }

  choose(choice: QualityChoice) {
    this.#choice = choice;
    const level = this.#find(choice === 'auto' ? 'original' : choice);
    // From the next segment on; what plays now plays on.
    this.#hls.nextLevel = level;
  }

  /** The player ran dry. */
  starve() {
    const level = this.#hls.levels[this.#hls.loadLevel];
    if (this.#choice !== 'auto' || !level) return;
    if (this.#hls.bandwidthEstimate < level.averageBitrate) this.#hls.nextLevel = -1;
  }

  /** Where the level is; -1, which leaves it to the player, where it is not. */
  #find(quality: Quality): number {
    return this.#hls.levels.findIndex((it) => levelQuality(it) === quality);
  }
}
