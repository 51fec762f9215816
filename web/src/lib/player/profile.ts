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
  /** How well pictures of this kind would play; undefined where the browser does not say. */
  decodes: ((pictures: Pictures) => Promise<Verdict | undefined>) | undefined;
}

/** Pictures as a browser is asked for them. */
export interface Pictures {
  mime: string;
  width: number;
  height: number;
  frameRate: number;
  bitrate: number;
  range: 'sdr' | 'hdr10' | 'hlg';
}

export interface Verdict {
  isSupported: boolean;
  isSmooth: boolean;
}

/** Sizes that are asked for, the largest first; a side counts either way round. */
const SIZES = [
  { side: 4096, width: 3840, height: 2160, frameRate: 60, bitrate: 40_000_000 },
  { side: 4096, width: 3840, height: 2160, frameRate: 30, bitrate: 25_000_000 },
];
/** What every browser is believed to play smoothly enough: less than this would be converted for nothing. */
const FULL_HD_SIDE = 1920;
/** One picture a second more is a matter of rounding. */
const RATE_SLACK = 1;

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

export async function clientProfile(browser: Browser): Promise<ClientProfile> {
  const { playsFile, playsSegments, playsPlaylists } = browser;
  // What is only played from files, or only from segments, would be promised too much.
  const plays = (mime: string) => playsFile(mime) && (playsSegments?.(mime) ?? true);
  const mp4 = (codec: string) => plays(`video/mp4; codecs="${codec}"`);
  const h264 = (profile: string, level: number) => mp4(h264String(profile, level));

  const asked: Promise<Video>[] = [];
  const add = (codec: string, rest: Partial<Video> = {}, string?: string) => {
    // Fields shown as frames are not pretty, but better than no film.
    const all = { codec, max_bit_depth: 8, profiles: [], ranges: [], is_interlaced: true, ...rest };
    asked.push(
      string ? measured(browser, `video/mp4; codecs="${string}"`, all) : Promise.resolve(all),
    );
  };

  const level = H264_LEVELS.find((it) => h264('64', it));
  if (level) {
    const profiles = ['Constrained Baseline', 'Baseline', 'Main', 'Extended', 'High'];
    add('h264', { profiles, max_level: level }, h264String('64', level));
  }
  if (mp4('hvc1.1.6.L153.B0')) add('hevc', { profiles: ['Main'] }, 'hvc1.1.6.L153.B0');
  if (mp4('hvc1.2.4.L153.B0')) {
    const ranges = mp4('dvh1.05.06') ? [...WIDE_RANGES, 'dolby_vision'] : WIDE_RANGES;
    const profiles = ['Main', 'Main 10'];
    add('hevc', { profiles, max_bit_depth: 10, ranges }, 'hvc1.2.4.L153.B0');
  }
  const wide = { max_bit_depth: 10, ranges: WIDE_RANGES };
  if (mp4('av01.0.12M.08')) add('av1', {}, 'av01.0.12M.08');
  if (mp4('av01.0.12M.10')) add('av1', wide, 'av01.0.12M.10');
  if (mp4('vp09.00.51.08')) add('vp9', {}, 'vp09.00.51.08');
  if (mp4('vp09.02.51.10')) add('vp9', wide, 'vp09.02.51.10');
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
    video: await Promise.all(asked),
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

const h264String = (profile: string, level: number) =>
  `avc1.${profile}00${level.toString(16).toUpperCase().padStart(2, '0')}`;

/** An entry with the limits and ranges that the browser states for it. Who states nothing has none. */
async function measured({ decodes }: Browser, mime: string, entry: Video): Promise<Video> {
  if (!decodes) return entry;
  const ask = (size: (typeof SIZES)[number], range: Pictures['range'] = 'sdr') =>
    decodes({ mime, range, ...size }).catch(() => undefined);
  const verdicts = await Promise.all(SIZES.map((size) => ask(size)));
  if (verdicts.some((it) => it === undefined)) return entry;
  const at = verdicts.findIndex((it) => it?.isSupported && it.isSmooth);
  const size = SIZES[at];
  const side = size?.side ?? FULL_HD_SIDE;
  // The best of all needs no limit: what is beyond it was not asked for.
  const limits =
    at === 0
      ? {}
      : {
          max_width: side,
          max_height: side,
          ...(size && { max_frame_rate: size.frameRate + RATE_SLACK }),
        };
  const ranges: string[] = [];
  for (const range of entry.ranges ?? []) {
    const asked = range === 'hdr10' || range === 'hlg' ? range : undefined;
    const [, modest] = SIZES;
    const verdict = asked && modest && (await ask(modest, asked));
    // A browser that does not know the question is believed to convert the colours as it shows them.
    if (!verdict || verdict.isSupported) ranges.push(range);
  }
  return { ...entry, ...limits, ranges };
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
    decodes:
      'mediaCapabilities' in navigator ? decodes(source ? 'media-source' : 'file') : undefined,
  };
}

const WIDE: Record<'hdr10' | 'hlg', Partial<VideoConfiguration>> = {
  hdr10: { hdrMetadataType: 'smpteSt2086', colorGamut: 'rec2020', transferFunction: 'pq' },
  hlg: { colorGamut: 'rec2020', transferFunction: 'hlg' },
};

const decodes =
  (type: 'file' | 'media-source') =>
  async ({ mime, width, height, frameRate, bitrate, range }: Pictures) => {
    const wide = range === 'sdr' ? {} : WIDE[range];
    const video = { contentType: mime, width, height, bitrate, framerate: frameRate, ...wide };
    const { supported, smooth } = await navigator.mediaCapabilities.decodingInfo({ type, video });
    return { isSupported: supported, isSmooth: smooth };
  };
