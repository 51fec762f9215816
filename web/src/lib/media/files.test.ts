import { expect, test } from 'vitest';
import type { FileView, StreamView } from '$lib/api/types';
import { qualityMarks, resolution } from './files';

const stream = (part: Partial<StreamView>): StreamView => ({
  index: 0,
  kind: 'video',
  codec: 'hevc',
  is_default: true,
  is_forced: false,
  is_hearing_impaired: false,
  is_external: false,
  summary: '',
  ...part,
});

test.each([
  [3840, 2160, '4K'],
  [3840, 1600, '4K'],
  [1920, 1080, '1080p'],
  [1920, 800, '1080p'],
  [1440, 1080, '1080p'],
  [1280, 720, '720p'],
  [720, 576, '576p'],
  [640, 480, '480p'],
  [320, 240, '240p'],
])('%i x %i is called %s', (width, height, expected) => {
  expect(resolution(stream({ width, height }))).toBe(expected);
});

test('a stream of unknown size has no resolution', () => {
  expect(resolution(stream({}))).toBeUndefined();
});

test('marks name picture, range and sound once each', () => {
  const file = {
    streams: [
      stream({ width: 3840, height: 2160, hdr: 'dolby_vision' }),
      stream({ kind: 'audio', channels: 2 }),
      stream({ kind: 'audio', channels: 8 }),
    ],
  } as FileView;
  expect(qualityMarks(file)).toEqual(['4K', 'Dolby Vision', '7.1']);
});
