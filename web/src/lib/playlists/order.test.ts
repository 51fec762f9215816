import { expect, test } from 'vitest';
import { cutLike, moved } from './order';

test('a row stands where it was put, and the others close up', () => {
  const rows = ['a', 'b', 'c', 'd'];
  expect(moved(rows, 0, 2)).toEqual(['b', 'c', 'a', 'd']);
  expect(moved(rows, 3, 0)).toEqual(['d', 'a', 'b', 'c']);
  expect(moved(rows, 1, 3)).toEqual(['a', 'c', 'd', 'b']);
  for (const [from, to] of [
    [1, 1],
    [0, -1],
    [3, 4],
    [4, 0],
  ] as const) {
    expect(moved(rows, from, to)).toBe(rows);
  }
});

test('pages keep their length', () => {
  const pages = [
    { items: ['a', 'b'], next: 'x' },
    { items: ['c'], next: null },
  ];
  expect(cutLike(['c', 'a', 'b'], pages)).toEqual([
    { items: ['c', 'a'], next: 'x' },
    { items: ['b'], next: null },
  ]);
});
