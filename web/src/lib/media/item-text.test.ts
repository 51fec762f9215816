import { expect, it } from 'vitest';
import { de } from '$lib/i18n/de';
import { isCounted, subline, titleOf } from './item-text';
import type { ItemCard } from '$lib/api/types';

const episode = (title: string) =>
  ({
    kind: 'episode',
    title,
    season_number: 2,
    episode_number: 5,
    series: { title: 'A Series' },
  }) as ItemCard;

it('counts in the language of the reader what has no name of its own', () => {
  expect(titleOf(episode('Episode 5'), de)).toBe('Folge 5');
  expect(titleOf(episode('Episodes 5-6'), de)).toBe('Folge 5-6');
  expect(titleOf({ kind: 'season', title: 'Season 3', season_number: 3 }, de)).toBe('Staffel 3');
  expect(titleOf({ kind: 'season', title: 'Specials', season_number: 0 }, de)).toBe('Specials');
});

it('leaves names as they are', () => {
  expect(titleOf(episode('Episode 5: The End'), de)).toBe('Episode 5: The End');
  expect(titleOf({ kind: 'season', title: 'Water', season_number: 3 }, de)).toBe('Water');
  expect(titleOf({ kind: 'movie', title: 'Episode 5' }, de)).toBe('Episode 5');
  expect(isCounted(episode('The End'))).toBe(false);
});

it('says the number of an episode once', () => {
  expect(subline(episode('Episode 5'), de)).toBe('S2 E5');
  expect(subline(episode('The End'), de)).toBe('S2 E5 · The End');
});
