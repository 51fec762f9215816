import { beforeEach, expect, test, vi } from 'vitest';
import { keepGivenUp, recallGivenUp } from './given-up';

const DAY_MS = 24 * 3_600_000;
let stored: string | null;

beforeEach(() => {
  stored = null;
  vi.stubGlobal('localStorage', {
    getItem: () => stored,
    setItem: (_: string, value: string) => (stored = value),
  });
});

test('what a film was given up for is known until it is too long ago', () => {
  keepGivenUp('a', 'file', 0);
  keepGivenUp('a', 'pictures', DAY_MS);
  expect(recallGivenUp('a', 30 * DAY_MS)).toBe('pictures');
  expect(recallGivenUp('a', 32 * DAY_MS)).toBeUndefined();
  expect(recallGivenUp('b', DAY_MS)).toBeUndefined();
});

test('what gained nothing is forgotten', () => {
  keepGivenUp('a', 'file', 0);
  keepGivenUp('a', undefined, 1);
  expect(recallGivenUp('a', 2)).toBeUndefined();
});

test('of many films the oldest go', () => {
  for (let n = 0; n < 60; n++) keepGivenUp(String(n), 'file', n);
  expect(recallGivenUp('9', 60)).toBeUndefined();
  expect(recallGivenUp('10', 60)).toBe('file');
});

test.each(['', '{', '{}', '[null, 1, {"film": 1}]', '[{"film": "a", "givenUp": "all", "at": 0}]'])(
  'what somebody else wrote there (%s) counts for nothing',
  (text) => {
    stored = text;
    expect(recallGivenUp('a', 1)).toBeUndefined();
    keepGivenUp('a', 'file', 1);
    expect(recallGivenUp('a', 1)).toBe('file');
  },
);
