import { expect, test } from 'vitest';
import type { Group } from '$lib/api/types';
import { keepWith, ServerClock, wanted } from './together';

const group = (rest: Partial<Group>): Group => ({
  id: 'g',
  item_id: 'i',
  now_ms: 0,
  is_wanted: true,
  runs_since_ms: 1_000,
  position_ms: 50_000,
  members: [],
  ...rest,
});

test('a group is where its clock says, and stands until its start', () => {
  expect(wanted(group({}), 900)).toEqual({ positionMs: 50_000, runs: false });
  expect(wanted(group({}), 4_000)).toEqual({ positionMs: 53_000, runs: true });
  expect(wanted(group({ runs_since_ms: null }), 4_000)).toEqual({
    positionMs: 50_000,
    runs: false,
  });
});

test('who is a little off goes faster or slower, who is far off jumps', () => {
  const at = (positionMs: number) => keepWith(group({}), 4_000, positionMs);
  expect(at(53_000)).toEqual({ runs: true, jumpMs: undefined, rate: 1 });
  expect(at(52_990).rate).toBe(1);
  expect(at(52_900).rate).toBeCloseTo(1.05);
  expect(at(53_100).rate).toBeCloseTo(0.95);
  expect(at(52_100).rate).toBeCloseTo(1.08);
  expect(at(51_900)).toEqual({ runs: true, jumpMs: 53_000, rate: 1 });
  expect(at(54_100)).toEqual({ runs: true, jumpMs: 53_000, rate: 1 });
});

test('who stands still shows the same picture', () => {
  const at = (positionMs: number) => keepWith(group({ runs_since_ms: null }), 4_000, positionMs);
  expect(at(50_050)).toEqual({ runs: false, jumpMs: undefined, rate: 1 });
  expect(at(50_100)).toEqual({ runs: false, jumpMs: 50_000, rate: 1 });
});

test('the fastest of the last answers tells the time', () => {
  const clock = new ServerClock();
  expect(clock.now(5)).toBe(5);
  clock.hear(10_400, 0, 800);
  expect(clock.now(0)).toBe(10_000);
  clock.hear(10_130, 100, 120);
  expect(clock.now(100)).toBe(10_120);
  clock.hear(12_000, 1_000, 1_900);
  expect(clock.now(100)).toBe(10_120);
  for (let n = 0; n < 8; n++) clock.hear(20_500, 0, 1_000);
  expect(clock.now(0)).toBe(20_000);
});
