import { expect, test } from 'vitest';
import type { FileView, StreamView } from '$lib/api/types';
import { fileLabels, qualityMarks, resolution } from './files';

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

test('files are called as shortly as tells them apart', () => {
  const file = (name: string, part: Partial<FileView> = {}) =>
    ({ name, streams: [stream({ width: 1920, height: 1080 })], ...part }) as FileView;
  const labels = (...files: FileView[]) => fileLabels(files, (it) => `Part ${it}`);
  expect(labels(file('a.mkv', { version: '4K' }), file('b.mkv'))).toEqual(['4K', '1080p']);
  expect(labels(file('a.mkv'), file('b.mkv'))).toEqual(['a.mkv', 'b.mkv']);
  expect(labels(file('a.mkv', { part: 1 }), file('b.mkv', { part: 2 }))).toEqual([
    'Part 1',
    'Part 2',
  ]);
  const cut = { version: 'Cut' };
  expect(
    labels(
      file('a.mkv', { part: 1 }),
      file('b.mkv', { part: 1, ...cut }),
      file('c.mkv', { part: 2, ...cut }),
    ),
  ).toEqual(['1080p · Part 1', 'Cut · Part 1', 'Part 2']);
});
