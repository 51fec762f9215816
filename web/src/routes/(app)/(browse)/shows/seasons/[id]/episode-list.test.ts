import { expect, test } from 'vitest';
import type { ItemCard, MissingEpisode } from '$lib/api/types';
import { withMissing } from './episode-list';

const there = (number: number | null) =>
  ({ id: `there-${number}`, episode_number: number }) as ItemCard;
const gone = (number: number): MissingEpisode => ({
  season_number: 1,
  episode_number: number,
  is_upcoming: false,
});
const keys = (episodes: ItemCard[], missing: MissingEpisode[]) =>
  withMissing(episodes, missing).map((it) => it.key);

test('missing episodes stand where they belong', () => {
  expect(keys([there(1), there(4)], [gone(2), gone(3), gone(5)])).toEqual([
    'there-1',
    'missing-2',
    'missing-3',
    'there-4',
    'missing-5',
  ]);
});

test('episodes without a number stay where they are', () => {
  expect(keys([there(null), there(2)], [gone(1)])).toEqual(['there-null', 'missing-1', 'there-2']);
});

test('a season of which nothing is there is all missing', () => {
  expect(keys([], [gone(1), gone(2)])).toEqual(['missing-1', 'missing-2']);
});
