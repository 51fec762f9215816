import { expect, test } from 'vitest';
import { clientProfile, type Pictures, type Verdict } from './profile';

/** A browser that plays what contains one of these words. */
function browser(words: string[], segments: boolean) {
  const plays = (mime: string) => words.some((it) => mime.includes(it));
  return {
    playsFile: plays,
    playsSegments: segments ? plays : undefined,
    playsPlaylists: false,
    channels: 2,
    decodes: undefined,
  };
}

test('a browser is believed what it says, codec by codec', async () => {
  const profile = await clientProfile(
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

test('what plays from a file and not from segments is not promised', async () => {
  const profile = await clientProfile({
    playsFile: () => true,
    playsSegments: (mime) => mime.includes('avc1'),
    playsPlaylists: false,
    channels: 2,
    decodes: undefined,
  });
  expect(profile.video.map((it) => it.codec)).toEqual(['h264', 'vp8']);
  expect(profile.audio.map((it) => it.codec)).toEqual(['vorbis']);
});

test('loudspeakers are told of where they are more than two', async () => {
  const stereo = browser(['mp4a.40.2', 'opus"'], true);
  expect((await clientProfile(stereo)).audio).toEqual([{ codec: 'aac' }, { codec: 'opus' }]);
  const surround = await clientProfile({ ...stereo, channels: 8 });
  expect(surround.audio).toEqual([{ codec: 'aac', max_channels: 8 }, { codec: 'opus' }]);
});

test('a browser without any way to stream plays whole files', async () => {
  expect((await clientProfile(browser(['avc1'], false))).protocols).toEqual([]);
});

/** A browser that plays everything, with what it says of pictures. */
const measuring = (decodes: (pictures: Pictures) => Verdict | undefined) =>
  clientProfile({
    playsFile: () => true,
    playsSegments: () => true,
    playsPlaylists: false,
    channels: 2,
    decodes: (pictures) => Promise.resolve(decodes(pictures)),
  });

const entry = (profile: Awaited<ReturnType<typeof clientProfile>>, codec: string, bits: number) =>
  profile.video.find((it) => it.codec === codec && it.max_bit_depth === bits);

test('sizes and frame rates that would not play smoothly are not promised', async () => {
  const profile = await measuring(({ mime, frameRate, width }) => ({
    isSupported: true,
    isSmooth: mime.includes('avc1') || (mime.includes('hvc1') ? frameRate <= 30 : width < 3000),
  }));
  expect(entry(profile, 'h264', 8)).not.toHaveProperty('max_width');
  expect(entry(profile, 'hevc', 8)).toMatchObject({
    max_width: 4096,
    max_height: 4096,
    max_frame_rate: 31,
  });
  const av1 = entry(profile, 'av1', 8);
  expect(av1).toMatchObject({ max_width: 1920, max_height: 1920 });
  expect(av1).not.toHaveProperty('max_frame_rate');
});

test('ranges that the browser refuses are not promised', async () => {
  const profile = await measuring(({ range }) => ({
    isSupported: range !== 'hlg',
    isSmooth: true,
  }));
  expect(entry(profile, 'vp9', 10)?.ranges).toEqual(['hdr10']);
  expect(entry(profile, 'hevc', 10)?.ranges).toEqual(['hdr10', 'dolby_vision']);
});

test('a browser that does not answer the question has no limits', async () => {
  const profile = await measuring(() => undefined);
  expect(entry(profile, 'av1', 10)).toMatchObject({ ranges: ['hdr10', 'hlg'] });
  expect(entry(profile, 'av1', 10)).not.toHaveProperty('max_width');
});
