import { expect, test } from 'vitest';
import { clientProfile } from './profile';

/** A browser that plays what contains one of these words. */
function browser(words: string[], segments: boolean) {
  const plays = (mime: string) => words.some((it) => mime.includes(it));
  const playsSegments = segments ? plays : undefined;
  return { playsFile: plays, playsSegments, playsPlaylists: false, channels: 2 };
}

test('a browser is believed what it says, codec by codec', () => {
  const profile = clientProfile(
    browser(['avc1.640028', 'av01', 'mp4a.40.2', 'opus"', 'video/webm'], true),
  );
  expect(profile.protocols).toEqual(['hls']);
  expect(profile.containers).toContain('mp4');
  const h264 = profile.video.find((it) => it.codec === 'h264');
  expect(h264).toMatchObject({ max_level: 40, max_bit_depth: 8 });
  expect(h264?.profiles).not.toContain('High 10');
  expect(profile.video.filter((it) => it.codec === 'av1').map((it) => it.max_bit_depth)).toEqual([
    8, 10,
  ]);
  expect(profile.video.some((it) => it.codec === 'hevc')).toBe(false);
  expect(profile.audio.map((it) => it.codec)).toEqual(['aac', 'opus']);
});

test('what plays from a file and not from segments is not promised', () => {
  const profile = clientProfile({
    playsFile: () => true,
    playsSegments: (mime) => mime.includes('avc1'),
    playsPlaylists: false,
    channels: 2,
  });
  expect(profile.video.map((it) => it.codec)).toEqual(['h264', 'vp8']);
  expect(profile.audio.map((it) => it.codec)).toEqual(['vorbis']);
});

test('loudspeakers are told of where they are more than two', () => {
  const stereo = browser(['mp4a.40.2', 'opus"'], true);
  expect(clientProfile(stereo).audio).toEqual([{ codec: 'aac' }, { codec: 'opus' }]);
  const surround = clientProfile({ ...stereo, channels: 8 });
  expect(surround.audio).toEqual([{ codec: 'aac', max_channels: 8 }, { codec: 'opus' }]);
});

test('a browser without any way to stream plays whole files', () => {
  expect(clientProfile(browser(['avc1'], false)).protocols).toEqual([]);
});
