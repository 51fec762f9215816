import { expect, test } from 'vitest';
import { parseSeasons } from './seasons';

test.each([
  ['', []],
  ['3', [3]],
  ['3, 1 3', [1, 3]],
  ['1-3; 7', [1, 2, 3, 7]],
  ['2–3', [2, 3]],
  ['0', [0]],
  ['all', undefined],
  ['-1', undefined],
  ['3-1', undefined],
  ['1-9999', undefined],
  ['12345', undefined],
])('the seasons in "%s"', (text, seasons) => {
  expect(parseSeasons(text)).toEqual(seasons);
});
