import { expect, test } from 'vitest';
import type { Segment } from '$lib/api/types';
import { isInLastCredits, skippableAt } from './skip';

const part = (kind: Segment['kind'], start: number, end: number): Segment => ({
  kind,
  start_ms: start * 1000,
  end_ms: end * 1000,
  confidence: 0.9,
  source: 'sound',
});
const DURATION = 1_500_000;
const episode = [part('recap', 0, 40), part('intro', 60, 150), part('credits', 1400, 1500)];

test('intro and recap can be skipped while they last', () => {
  const at = (seconds: number) => skippableAt(episode, seconds * 1000, DURATION)?.kind;
  expect(at(0)).toBe('recap');
  expect(at(39)).toBeUndefined();
  expect(at(50)).toBeUndefined();
  expect(at(60)).toBe('intro');
  expect(at(147)).toBe('intro');
  expect(at(149)).toBeUndefined();
});

test('credits at the end lead to the next episode, others to what comes behind them', () => {
  expect(skippableAt(episode, 1_450_000, DURATION)).toBeUndefined();
  expect(isInLastCredits(episode, 1_399_000, DURATION)).toBe(false);
  expect(isInLastCredits(episode, 1_400_000, DURATION)).toBe(true);
  const withScene = [part('credits', 1300, 1400)];
  expect(skippableAt(withScene, 1_310_000, DURATION)?.kind).toBe('credits');
  expect(isInLastCredits(withScene, 1_310_000, DURATION)).toBe(false);
});
