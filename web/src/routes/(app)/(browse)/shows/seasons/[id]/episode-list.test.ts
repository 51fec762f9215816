import { expect, test } from 'vitest';
import type { ItemCard, MissingEpisode } from '$lib/api/types';
import { withMissing } from './episode-list';

const there = (number: number | null) =>
  ({ id: `there-${number}`, episode_number: number, parent_id: 'season' }) as ItemCard;
const special = (number: number) =>
  ({ id: `special-${number}`, episode_number: number, parent_id: 'specials' }) as ItemCard;
const gone = (number: number): MissingEpisode => ({
  season_number: 1,
  episode_number: number,
  is_upcoming: false,
});
const keys = (episodes: ItemCard[], missing: MissingEpisode[]) =>
  withMissing(episodes, missing, 'season').map((it) => it.key);

test('specials keep the place they come in, whatever their number', () => {
  const lines = withMissing([there(1), special(9), there(3)], [gone(2)], 'season');
  expect(lines.map((it) => it.key)).toEqual(['there-1', 'special-9', 'missing-2', 'there-3']);
  expect(lines.filter((it) => it.isPlaced).map((it) => it.key)).toEqual(['special-9']);
});

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
