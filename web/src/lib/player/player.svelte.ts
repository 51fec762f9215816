/** A video element as state: what it does is read here, what it shall do is asked for here. */
import type { Attachment } from 'svelte/attachments';
import type { NotConverted } from '../api/types';
import type { Command } from './keyboard';
import type { Quality, QualityChoice } from './quality';
import { type Failure, openStream, type Stream } from './stream';

const VOLUME_STORED = 'revenge.volume';
/** How long it counts as a moment ago that somebody went elsewhere. */
const SOUGHT_FOR_MS = 1200;

/** What plays: a file, or a playlist. */
export interface Source {
  url: string;
  isPlaylist: boolean;
  /** The sound track that plays first, by its number in the file. */
  audio: number | undefined;
  /** The text track that shows first, by its place. */
  subtitle: number | undefined;
}

/** Of what the browser made nothing, or what the server could not convert; whether there is another way, which is begun. */
export type FallBack = (positionMs: number, unmade?: NotConverted) => boolean;

/** Somebody who decides for several players at once. */
export interface Guide {
  toggle: () => void;
  seekTo: (ms: number) => void;
}

export class Player {
  isPaused = $state(true);
  isWaiting = $state(true);
  hasFailed = $state(false);
  hasEnded = $state(false);
  positionMs = $state(0);
  durationMs = $state(0);
  bufferedMs = $state(0);
  volume = $state(storedVolume());
  isMuted = $state(false);
  rate = $state(1);
  isFullscreen = $state(false);
  /** Which text track shows; -1 for none. */
  subtitle = $state(-1);
  /** Which sound track plays, by its number in the file. */
  audio = $state<number>();
  /** Sizes of the picture to choose from, the best first. */
  qualities = $state.raw<Quality[]>([]);
  quality = $state<QualityChoice>('auto');
  isStatisticsShown = $state(false);
  /** Where somebody went by the bar or a key a moment ago. */
  soughtMs = $state<number>();

  /** Asked before a film is given up: whether it goes on in another way. */
  readonly #fallBack: FallBack;

  constructor(fallBack: FallBack) {
    this.#fallBack = fallBack;
  }

  #soughtTimer: ReturnType<typeof setTimeout> | undefined;
  /** Asked instead of this player itself, where several go together. */
  guide: Guide | undefined;

  #stream: Stream | undefined;
  #video: HTMLVideoElement | undefined;
  #stage: HTMLElement | undefined;
  #lastSubtitle = 0;

  /** What fills the screen: the video with its controls. */
  readonly stage: Attachment<HTMLElement> = (node) => {
    this.#stage = node;
    const onchange = () => (this.isFullscreen = document.fullscreenElement === node);
    document.addEventListener('fullscreenchange', onchange);
    return () => document.removeEventListener('fullscreenchange', onchange);
  };

  /** Follows the element from here on, and starts `source` in it at `startMs`. */
  video(source: Source, startMs: number): Attachment<HTMLVideoElement> {
    return (node) => {
      this.#video = node;
      this.audio = source.audio;
      node.volume = this.volume;
      this.showSubtitle(source.subtitle ?? -1);
      const ears = new AbortController();
      for (const [event, act] of Object.entries(this.#events(node, startMs))) {
        node.addEventListener(event, act, { signal: ears.signal });
      }
      if (source.isPlaylist) void this.#open(node, source.url, startMs);
      else node.src = source.url;
      // A browser that wants a click first leaves it paused; the large button is there for that.
      node.play().catch(() => (this.isPaused = node.paused));
      return () => {
        ears.abort();
        clearTimeout(this.#soughtTimer);
        this.#stream?.stop();
        this.#stream = undefined;
        this.#video = undefined;
      };
    };
  }

  async #open(node: HTMLVideoElement, url: string, startMs: number) {
    try {
      const onqualities = (offered: Quality[]) => (this.qualities = offered);
      const onfail = (why: Failure | undefined) => {
        const unmade = why === 'undecodable' ? undefined : why;
        if (!why || !this.#fallBack(this.positionMs, unmade)) this.hasFailed = true;
      };
      const stream = await openStream(node, url, startMs, onqualities, onfail);
      // The page may be gone before the program has come.
      if (this.#video !== node) return stream.stop();
      this.#stream = stream;
      await node.play().catch(() => (this.isPaused = node.paused));
    } catch {
      this.hasFailed = true;
    }
  }

  run(command: Command) {
    switch (command.name) {
      case 'toggle':
        return this.toggle();
      case 'seekBy':
        return this.seekTo(this.positionMs + command.ms);
      case 'seekShare':
        return this.seekTo(this.durationMs * command.share);
      case 'volumeBy':
        return this.setVolume(this.volume + command.step);
      case 'mute':
        return this.toggleMute();
      case 'fullscreen':
        return this.toggleFullscreen();
      case 'statistics':
        this.isStatisticsShown = !this.isStatisticsShown;
        return;
      case 'subtitles':
        return this.showSubtitle(this.subtitle < 0 ? this.#lastSubtitle : -1);
      case 'subtitleBy':
      case 'close':
        return;
    }
  }

  toggle() {
    if (this.guide) this.guide.toggle();
    else if (this.#video?.paused) this.go();
    else this.hold();
  }

  /** Plays on, whatever the guide says. */
  go() {
    void this.#video?.play().catch(() => undefined);
  }

  /** Stands still, whatever the guide says. */
  hold() {
    this.#video?.pause();
  }

  seekTo(ms: number) {
    if (!this.#video || !this.durationMs) return;
    // The very last moment would end the film while somebody is still looking for a scene.
    const target = Math.min(Math.max(0, ms), this.durationMs - 200);
    this.soughtMs = target;
    clearTimeout(this.#soughtTimer);
    this.#soughtTimer = setTimeout(() => (this.soughtMs = undefined), SOUGHT_FOR_MS);
    if (this.guide) this.guide.seekTo(target);
    else this.jump(target);
  }

  /** Goes there, whatever the guide says. */
  jump(ms: number) {
    if (!this.#video) return;
    this.positionMs = ms;
    this.#video.currentTime = ms / 1000;
  }

  /** Where it is at this very moment, and whether it has what comes next. */
  get moment(): { positionMs: number; canPlay: boolean } {
    const video = this.#video;
    const canPlay =
      !!video && !video.seeking && video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
    return { positionMs: (video?.currentTime ?? 0) * 1000, canPlay };
  }

  setVolume(volume: number) {
    if (!this.#video) return;
    this.#video.muted = false;
    this.#video.volume = Math.min(1, Math.max(0, volume));
  }

  toggleMute() {
    if (this.#video) this.#video.muted = !this.#video.muted;
  }

  setRate(rate: number) {
    if (this.#video) this.#video.playbackRate = rate;
  }

  showSubtitle(index: number) {
    const tracks = [...(this.#video?.textTracks ?? [])];
    if (index >= tracks.length) return;
    tracks.forEach((track, idx) => (track.mode = idx === index ? 'showing' : 'disabled'));
    if (index >= 0) this.#lastSubtitle = index;
    this.subtitle = index;
  }

  /** Whether the sound track could be changed without starting again. */
  playAudio(index: number): boolean {
    if (!this.#stream) return false;
    this.#stream.playAudio(index);
    this.audio = index;
    return true;
  }

  /** What shows the film, for those who draw over it. */
  element(): HTMLVideoElement | undefined {
    return this.#video;
  }

  /** The film's width and height as it is shown; nothing before it is known. */
  shape() {
    const [width, height] = [this.#video?.videoWidth ?? 0, this.#video?.videoHeight ?? 0];
    return width && height ? { width, height } : undefined;
  }

  chooseQuality(choice: QualityChoice) {
    this.#stream?.chooseQuality(choice);
    this.quality = choice;
  }

  /** Counters of the element at this moment. */
  measure() {
    const quality = this.#video?.getVideoPlaybackQuality();
    return {
      width: this.#video?.videoWidth ?? 0,
      height: this.#video?.videoHeight ?? 0,
      frames: quality?.totalVideoFrames ?? 0,
      dropped: quality?.droppedVideoFrames ?? 0,
      aheadMs: Math.max(0, this.bufferedMs - this.positionMs),
      bandwidth: this.#stream?.bandwidth(),
    };
  }

  toggleFullscreen() {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void this.#stage?.requestFullscreen().catch(() => undefined);
  }

  togglePictureInPicture() {
    if (document.pictureInPictureElement) void document.exitPictureInPicture();
    else void this.#video?.requestPictureInPicture().catch(() => undefined);
  }

  #events(node: HTMLVideoElement, startMs: number): Record<string, () => void> {
    const measure = () => {
      this.positionMs = node.currentTime * 1000;
      this.bufferedMs = bufferedEnd(node) * 1000;
    };
    return {
      loadedmetadata: () => {
        this.durationMs = Number.isFinite(node.duration) ? node.duration * 1000 : 0;
        if (startMs > 0 && startMs < this.durationMs) node.currentTime = startMs / 1000;
      },
      durationchange: () => {
        if (Number.isFinite(node.duration)) this.durationMs = node.duration * 1000;
      },
      timeupdate: measure,
      progress: measure,
      play: () => {
        this.isPaused = false;
        this.hasEnded = false;
      },
      pause: () => (this.isPaused = true),
      playing: () => (this.isWaiting = false),
      canplay: () => {
        this.isWaiting = false;
        // A browser may have chosen one by itself, beside ours.
        this.showSubtitle(this.subtitle);
      },
      waiting: () => (this.isWaiting = true),
      ended: () => (this.hasEnded = true),
      error: () => {
        const code = node.error?.code;
        const isUndecodable =
          code === MediaError.MEDIA_ERR_DECODE || code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED;
        if (!isUndecodable || !this.#fallBack(this.positionMs)) this.hasFailed = true;
      },
      ratechange: () => (this.rate = node.playbackRate),
      volumechange: () => {
        this.volume = node.volume;
        this.isMuted = node.muted;
        localStorage.setItem(VOLUME_STORED, String(node.volume));
      },
    };
  }
}

/** The end of the stretch that holds the position. */
function bufferedEnd({ buffered, currentTime }: HTMLVideoElement): number {
  for (let idx = 0; idx < buffered.length; idx++) {
    if (buffered.start(idx) <= currentTime && currentTime <= buffered.end(idx)) {
      return buffered.end(idx);
    }
  }
  return currentTime;
}

function storedVolume(): number {
  const value = Number(localStorage.getItem(VOLUME_STORED) ?? 1);
  return value >= 0 && value <= 1 ? value : 1;
}
