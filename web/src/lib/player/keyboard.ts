/** Keys of the player. Pure. */
import { STEP_MS as SUBTITLE_STEP_MS } from './timing';

export type Command =
  | { name: 'toggle' | 'mute' | 'fullscreen' | 'subtitles' | 'statistics' | 'close' }
  | { name: 'seekBy'; ms: number }
  | { name: 'seekShare'; share: number }
  | { name: 'volumeBy'; step: number }
  | { name: 'subtitleBy'; ms: number };

const STEP_MS = 10_000;
const VOLUME_STEP = 0.05;

const KEYS: Record<string, Command> = {
  ' ': { name: 'toggle' },
  k: { name: 'toggle' },
  MediaPlayPause: { name: 'toggle' },
  ArrowLeft: { name: 'seekBy', ms: -STEP_MS },
  ArrowRight: { name: 'seekBy', ms: STEP_MS },
  j: { name: 'seekBy', ms: -STEP_MS },
  l: { name: 'seekBy', ms: STEP_MS },
  ArrowUp: { name: 'volumeBy', step: VOLUME_STEP },
  ArrowDown: { name: 'volumeBy', step: -VOLUME_STEP },
  f: { name: 'fullscreen' },
  m: { name: 'mute' },
  c: { name: 'subtitles' },
  g: { name: 'subtitleBy', ms: -SUBTITLE_STEP_MS },
  h: { name: 'subtitleBy', ms: SUBTITLE_STEP_MS },
  i: { name: 'statistics' },
  Escape: { name: 'close' },
};

interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

export function commandFor(press: KeyPress): Command | undefined {
  if (press.ctrlKey || press.metaKey || press.altKey) return undefined;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  if (/^[0-9]$/.test(key)) return { name: 'seekShare', share: Number(key) / 10 };
  return KEYS[key];
}
