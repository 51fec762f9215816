/** What this browser plays, asked of the browser itself with exact strings. */
import type { ClientProfile } from '$lib/api/types';

type Video = ClientProfile['video'][number];

/** The browser's verdicts. */
export interface Browser {
  /** Whether a file of this type may play. */
  playsFile: (mime: string) => boolean;
  /** Whether segments of this type play; undefined where the browser takes none. */
  playsSegments: ((mime: string) => boolean) | undefined;
  /** Whether the browser plays a playlist by itself. */
  playsPlaylists: boolean;
  /** Loudspeakers; most have two. */
  channels: number;
}

const CONTAINERS: [container: string, mime: string][] = [
  ['mp4', 'video/mp4; codecs="avc1.640028, mp4a.40.2"'],
  ['webm', 'video/webm; codecs="vp9, opus"'],
  ['matroska', 'video/x-matroska; codecs="avc1.640028, mp4a.40.2"'],
  ['mov', 'video/quicktime; codecs="avc1.640028, mp4a.40.2"'],
];

/** Levels of H.264, the highest first, as the codec counts them. */
const H264_LEVELS = [62, 60, 52, 51, 50, 42, 41, 40, 31, 30];

const AUDIO: [codec: string, mime: string][] = [
  ['aac', 'audio/mp4; codecs="mp4a.40.2"'],
  ['mp3', 'audio/mp4; codecs="mp4a.6B"'],
  ['ac3', 'audio/mp4; codecs="ac-3"'],
  ['eac3', 'audio/mp4; codecs="ec-3"'],
  ['opus', 'audio/mp4; codecs="opus"'],
  ['flac', 'audio/mp4; codecs="flac"'],
];

/** Channels of 5.1. */
const SURROUND = 6;

/** A file may be played in colours that the screen does not have: browsers convert them as they show it. */
const WIDE_RANGES = ['hdr10', 'hlg'];

export function clientProfile(browser: Browser): ClientProfile {
  const { playsFile, playsSegments, playsPlaylists } = browser;
  // What is only played from files, or only from segments, would be promised too much.
  const plays = (mime: string) => playsFile(mime) && (playsSegments?.(mime) ?? true);
  const mp4 = (codec: string) => plays(`video/mp4; codecs="${codec}"`);
  const h264 = (profile: string, level: number) =>
    mp4(`avc1.${profile}00${level.toString(16).toUpperCase().padStart(2, '0')}`);

  const video: Video[] = [];
  const add = (codec: string, rest: Partial<Video> = {}) =>
    // Fields shown as frames are not pretty, but better than no film.
    video.push({ codec, max_bit_depth: 8, profiles: [], ranges: [], is_interlaced: true, ...rest });

  const level = H264_LEVELS.find((it) => h264('64', it));
  if (level) {
    const profiles = ['Constrained Baseline', 'Baseline', 'Main', 'Extended', 'High'];
    add('h264', { profiles, max_level: level });
  }
  if (mp4('hvc1.1.6.L153.B0')) add('hevc', { profiles: ['Main'] });
  if (mp4('hvc1.2.4.L153.B0')) {
    const ranges = mp4('dvh1.05.06') ? [...WIDE_RANGES, 'dolby_vision'] : WIDE_RANGES;
    add('hevc', { profiles: ['Main', 'Main 10'], max_bit_depth: 10, ranges });
  }
  if (mp4('av01.0.12M.08')) add('av1');
  if (mp4('av01.0.12M.10')) add('av1', { max_bit_depth: 10, ranges: WIDE_RANGES });
  if (mp4('vp09.00.51.08')) add('vp9');
  if (mp4('vp09.02.51.10')) add('vp9', { max_bit_depth: 10, ranges: WIDE_RANGES });
  // Only ever found in WebM files, which are played as they are.
  if (playsFile('video/webm; codecs="vp8"')) add('vp8');

  const audio: ClientProfile['audio'] = AUDIO.filter(([, mime]) => plays(mime)).map(([codec]) =>
    // Browsers mix more channels down by themselves, so that few are no limit; many are worth telling.
    codec === 'aac' && browser.channels >= SURROUND
      ? { codec, max_channels: browser.channels }
      : { codec },
  );
  if (playsFile('audio/webm; codecs="vorbis"')) audio.push({ codec: 'vorbis' });

  return {
    containers: CONTAINERS.filter(([, mime]) => playsFile(mime)).map(([container]) => container),
    protocols: playsSegments || playsPlaylists ? ['hls'] : [],
    video,
    audio,
    chooses_audio: false,
  };
}

function loudspeakers(): number {
  if (typeof AudioContext === 'undefined') return 2;
  const context = new AudioContext();
  const { maxChannelCount } = context.destination;
  void context.close();
  return maxChannelCount;
}

/** The browser that this page runs in. */
export function thisBrowser(): Browser {
  const probe = document.createElement('video');
  const source = typeof MediaSource === 'undefined' ? undefined : MediaSource;
  return {
    playsFile: (mime) => probe.canPlayType(mime) !== '',
    playsSegments: source && ((mime) => source.isTypeSupported(mime)),
    playsPlaylists: probe.canPlayType('application/vnd.apple.mpegurl') !== '',
    channels: loudspeakers(),
  };
}
