import { expect, test } from 'vitest';
import type { Trickplay } from '$lib/api/types';
import { chapterTile, tileAt } from './trickplay';

const trickplay: Trickplay = {
  interval_ms: 10_000,
  tile_width: 320,
  tile_height: 180,
  columns: 10,
  rows: 10,
  tile_count: 150,
  sheets: ['/a', '/b'],
  chapter_sheet: '/chapters',
  vtt_url: '/vtt',
};

test('a moment leads to the picture that is nearest to it', () => {
  const at = (ms: number) => {
    const tile = tileAt(trickplay, ms);
    return [tile?.url, tile?.x, tile?.y];
  };
  expect(at(0)).toEqual(['/a', 0, 0]);
  expect(at(4_999)).toEqual(['/a', 0, 0]);
  expect(at(5_001)).toEqual(['/a', 320, 0]);
  expect(at(994_000)).toEqual(['/a', 2880, 1620]);
  expect(at(1_000_000)).toEqual(['/b', 0, 0]);
  // Behind the last picture there is none.
  expect(at(1_900_000)).toEqual(['/b', 2880, 720]);
  expect(at(-5)).toEqual(['/a', 0, 0]);
});

test('chapters have pictures of their own, as many as a sheet holds', () => {
  expect(chapterTile(trickplay, 12)).toMatchObject({ url: '/chapters', x: 640, y: 180 });
  expect(chapterTile(trickplay, 100)).toBeUndefined();
  expect(chapterTile({ ...trickplay, chapter_sheet: null }, 0)).toBeUndefined();
});
