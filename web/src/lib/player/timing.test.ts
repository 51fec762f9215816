import { expect, test } from 'vitest';
import { AS_WRITTEN, ownTime, shift, timed } from './timing';

test.each([
  [0, 100, 100],
  [100, -200, -100],
  [599_950, 100, 600_000],
  [-600_000, -100, -600_000],
])('%d ms and %d more', (offset_ms, more, expected) => {
  expect(shift({ offset_ms, rate: '25/24' }, more)).toEqual({ offset_ms: expected, rate: '25/24' });
});

test('an address is made for one timing at a time', () => {
  const url = '/api/v1/playback/subtitles/1?person=2&signature=a-b_c';
  const timing = { offset_ms: -100, rate: '1001/960' };
  const moved = timed(url, timing);
  expect(moved).toBe(`${url}&offset_ms=-100&rate=1001%2F960`);
  expect(timed(moved, { ...timing, offset_ms: 200 })).toBe(`${url}&offset_ms=200&rate=1001%2F960`);
  expect(timed(moved, AS_WRITTEN)).toBe(url);
  expect(timed('/a', AS_WRITTEN)).toBe('/a');
});

test.each([
  [5000, AS_WRITTEN, 5000],
  [5000, { offset_ms: 1500, rate: '1/1' }, 3500],
  [1001, { offset_ms: 0, rate: '1001/960' }, 960],
  [500, { offset_ms: 1000, rate: '2/1' }, -250],
])('at %d ms of the film with %j', (ms, timing, expected) => {
  expect(ownTime(ms, timing)).toBeCloseTo(expected, 6);
});
