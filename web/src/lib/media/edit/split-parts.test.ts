import { expect, test } from 'vitest';
import { partsOf } from './split-parts';

const names = (...paths: string[]) =>
  partsOf(paths.map((path, idx) => ({ id: `${idx}`, path }))).map(
    (it) => `${it.name}: ${it.fileIds.join(' ')}`,
  );

test('a series made of two folders is split by them', () => {
  expect(names('Dark/Season 1/a.mkv', 'Dark (2017)/a.mkv', 'Dark (2017)/b.mkv')).toEqual([
    'Dark: 0',
    'Dark (2017): 1 2',
  ]);
});

test('a series in one folder is split by seasons, and flat ones by files', () => {
  expect(names('TV/Dark/Season 1/a.mkv', 'TV/Dark/Season 2/b.mkv', 'TV/Dark/c.mkv')).toEqual([
    'Season 1: 0',
    'Season 2: 1',
    'c.mkv: 2',
  ]);
  expect(names('Dark/a.mkv', 'Dark/b.mkv')).toEqual(['a.mkv: 0', 'b.mkv: 1']);
});

test('where there is nothing, there is nothing to choose', () => {
  expect(names()).toEqual([]);
  expect(names('Dark/a.mkv')).toEqual(['a.mkv: 0']);
});
