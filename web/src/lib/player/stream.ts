/** A playlist on a video element: by hls.js, or by the browser where it plays playlists itself. */
import type { default as Hls, LoaderConfig } from 'hls.js';
import type { NotConverted } from '../api/types';
import { Absence } from './absence';
import { type Quality, type QualityChoice, QualityControl } from './quality';
import { unmadeBy } from './unmade';

/** What a connection is believed to carry until it was measured: a film at home begins as good as it is. */
const BELIEVED_BPS = 100_000_000;

/** A server that is away, or has no place to convert anything, is asked again for so long after the last it gave. */
const PATIENCE_MS = 120_000;
const ASKED_EVERY_MS = 3_000;

/** What a film cannot go on for like this: the server could not convert it, or the browser makes nothing of it. */
export type Failure = NotConverted | 'undecodable';

export interface Stream {
  /** Plays another sound track, by its number in the file. */
  playAudio: (index: number) => void;
  chooseQuality: (choice: QualityChoice) => void;
  /** Bits per second that segments came with, as far as that is known. */
  bandwidth: () => number | undefined;
  stop: () => void;
}

/** The program is large, and only needed by films that are not played from their own file. */
export async function openStream(
  video: HTMLVideoElement,
  url: string,
  startMs: number,
  onqualities: (offered: Quality[]) => void,
  onfail: (why: Failure | undefined) => void,
): Promise<Stream> {
  const { default: Player } = await import('hls.js');
  if (!Player.isSupported()) return native(video, url);
  const hls = new Player({
    startPosition: startMs / 1000,
    // The policy of the page lets no worker start from a blob.
    enableWorker: false,
    backBufferLength: 60,
    maxBufferLength: 30,
    abrEwmaDefaultEstimate: BELIEVED_BPS,
    fragLoadPolicy: { default: patient(Player.DefaultConfig.fragLoadPolicy.default) },
    playlistLoadPolicy: { default: waiting(Player.DefaultConfig.playlistLoadPolicy.default) },
    // Subtitles are tracks of the element, as with any other file.
    subtitleStreamController: undefined,
    subtitleTrackController: undefined,
    timelineController: undefined,
  });
  const quality = new QualityControl(hls);
  hls.on(Player.Events.MANIFEST_PARSED, () => {
    quality.begin();
    onqualities(quality.offered);
  });
  const absence = new Absence(PATIENCE_MS);
  let asking: ReturnType<typeof setTimeout> | undefined;
  const askAgain = () => (hls.levels.length ? hls.startLoad() : hls.loadSource(url));
  hls.on(Player.Events.FRAG_LOADED, () => absence.end());
  let hasRecovered = false;
  let hasEnded = false;
  const fail = (why: Failure | undefined) => {
    if (hasEnded) return;
    hasEnded = true;
    hls.stopLoad();
    onfail(why);
  };
  hls.on(Player.Events.ERROR, (_, { fatal, type, details, response, networkDetails, frag }) => {
    if (details === Player.ErrorDetails.BUFFER_STALLED_ERROR) quality.starve();
    // That of the request, whose kind hls.js leaves open.
    const body = (networkDetails as { response?: unknown } | undefined)?.response;
    const unmade = unmadeBy({ url: frag?.url, status: response?.code, body });
    // Of pictures there may be another size; without its sound hls.js waits, and does not say for what.
    if (unmade && (fatal || frag?.type === 'audio')) return fail(unmade);
    if (!fatal) return;
    if (type === Player.ErrorTypes.NETWORK_ERROR && absence.mayEnd(response?.code, Date.now())) {
      clearTimeout(asking);
      asking = setTimeout(askAgain, ASKED_EVERY_MS);
      return;
    }
    if (type !== Player.ErrorTypes.MEDIA_ERROR) return fail(undefined);
    const hasNoDecoder = details === Player.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR;
    // A decoder may stumble once; what comes again is a fault of the file.
    if (hasNoDecoder || hasRecovered) return fail('undecodable');
    hasRecovered = true;
    hls.recoverMediaError();
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return {
    playAudio: (index) => playAudio(hls, index),
    chooseQuality: (choice) => quality.choose(choice),
    bandwidth: () => hls.bandwidthEstimate || undefined,
    stop: () => {
      clearTimeout(asking);
      hls.destroy();
    },
  };
}

/** What is converted for this player alone comes later than what only has to be read. */
function patient(policy: LoaderConfig): LoaderConfig {
  return { ...policy, maxTimeToFirstByteMs: 60_000 };
}

/** A file without an index is read as a whole first; until then the server answers that it is not done. */
function waiting(policy: LoaderConfig): LoaderConfig {
  const errorRetry = { maxNumRetry: 200, retryDelayMs: 500, maxRetryDelayMs: 2000 };
  return { ...policy, maxTimeToFirstByteMs: 20_000, errorRetry };
}

function playAudio(hls: Hls, index: number) {
  // As it is, or behind the name of what is made of it.
  const address = new RegExp(`/${index}/(?:[a-z0-9-]+/)?media\\.m3u8`);
  const track = hls.allAudioTracks.find((it) => address.test(it.url));
  if (track) hls.setAudioOption(track);
}

function native(video: HTMLVideoElement, url: string): Stream {
  video.src = url;
  return {
    playAudio: () => undefined,
    chooseQuality: () => undefined,
    bandwidth: () => undefined,
    stop: () => video.removeAttribute('src'),
  };
}
