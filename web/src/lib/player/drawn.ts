/** Subtitles that are pictures: which show at a moment, and where on the screen. */
import type { DrawnCue, DrawnSubtitle, DrawnWindow } from '$lib/api/types';

/** Width and height in pixels. */
export interface Size {
  width: number;
  height: number;
}

/** Where something is on the stage, in pixels. */
export interface Box extends Size {
  left: number;
  top: number;
}

/** What shows now, and what its places are counted on. */
export interface Shown {
  canvas: Size;
  cues: DrawnCue[];
}

export type Fetch = (url: string) => Promise<unknown>;

/** Windows behind and ahead that are kept; a picture has some ten kilobytes. */
const MAX_KEPT = 4;
/** So long before a window ends the next one is asked for. */
const AHEAD_MS = 15_000;
/** A window that did not come is not asked for again at once. */
const AGAIN_MS = 5_000;
/** Up to this width a canvas is a DVD's, whose pixels are not square. */
const MAX_DVD_WIDTH = 768;

export class DrawnPictures {
  #subtitle: DrawnSubtitle | undefined;
  #windows = new Map<number, DrawnWindow>();
  /** When each may be asked for again. */
  #asked = new Map<string, number>();

  constructor(
    private readonly url: string,
    private readonly load: Fetch,
  ) {}

  /** What shows at `ms` of the film, as far as it is there; asks for what is missing. `now` is the time of the clock. */
  at(ms: number, now: number): Shown | undefined {
    const subtitle = this.#subtitle;
    if (!subtitle) {
      this.#ask(this.url, now, (it) => (this.#subtitle = it as DrawnSubtitle));
      return undefined;
    }
    const number = Math.floor(ms / subtitle.window_ms);
    this.#need(subtitle, number, now);
    this.#need(subtitle, Math.floor((ms + AHEAD_MS) / subtitle.window_ms), now);
    const window = this.#windows.get(number);
    if (!window) return undefined;
    const cues = window.cues.filter((it) => it.start_ms <= ms && ms < it.end_ms);
    return { canvas: window, cues };
  }

  #need({ windows }: DrawnSubtitle, number: number, now: number) {
    const url = windows[number];
    if (!url || this.#windows.has(number)) return;
    this.#ask(url, now, (it) => {
      this.#windows.set(number, it as DrawnWindow);
      const oldest = this.#windows.keys().next().value;
      if (this.#windows.size > MAX_KEPT && oldest !== undefined) this.#windows.delete(oldest);
    });
  }

  #ask(url: string, now: number, take: (answer: unknown) => void) {
    if ((this.#asked.get(url) ?? 0) > now) return;
    this.#asked.set(url, Infinity);
    this.load(url).then(
      (answer) => {
        this.#asked.delete(url);
        take(answer);
      },
      () => this.#asked.set(url, now + AGAIN_MS),
    );
  }
}

/**
 * Where a canvas lies on a stage that shows a whole film of `film` in its middle. A disc's canvas has the width of the film;
 * where it is higher, the film's black bars were cut off, and what was on them is kept on the stage. A DVD's is as the film.
 */
export function placeCanvas(stage: Size, film: Size, canvas: Size): Box {
  const scale = Math.min(stage.width / film.width, stage.height / film.height);
  const width = film.width * scale;
  const height =
    canvas.width <= MAX_DVD_WIDTH ? film.height * scale : (canvas.height * width) / canvas.width;
  return { left: (stage.width - width) / 2, top: (stage.height - height) / 2, width, height };
}

/** Where a picture lies on the stage: moved up or down until all of it is seen. */
export function placeCue(stage: Size, canvas: Size, box: Box, cue: DrawnCue): Box {
  const [across, down] = [box.width / canvas.width, box.height / canvas.height];
  const height = cue.height * down;
  const top = Math.min(Math.max(box.top + cue.y * down, 0), Math.max(stage.height - height, 0));
  return { left: box.left + cue.x * across, top, width: cue.width * across, height };
}
