import { expect, it } from 'vitest';
import type { ItemCard, TextPiece } from '$lib/api/types';
import { de } from '$lib/i18n/de';
import { headlinePieces, sublinePieces, titlePieces } from './title-pieces';

const film = { kind: 'movie', title: 'Paper Mountains', year: 2019 } as ItemCard;
const episode = (title: string) =>
  ({
    kind: 'episode',
    title,
    season_number: 2,
    episode_number: 5,
    series: { title: 'Ending' },
  }) as ItemCard;
const plain = (text: string): TextPiece => ({ text, is_match: false });
const match = (text: string): TextPiece => ({ text, is_match: true });

it('shows the pieces of a title', () => {
  const pieces = [plain('Paper '), match('Mountains')];
  expect(titlePieces(film, pieces, de)).toEqual(pieces);
  expect(headlinePieces(film, pieces, de)).toEqual(pieces);
  expect(sublinePieces(film, pieces, de)).toEqual([plain('2019')]);
});

it('shows a title whole where nothing was looked for', () => {
  expect(headlinePieces(film, undefined, de)).toEqual([plain('Paper Mountains')]);
  expect(headlinePieces(film, [], de)).toEqual([plain('Paper Mountains')]);
});

it('finds the title of an episode below its series', () => {
  const pieces = [plain('The '), match('Ending')];
  expect(headlinePieces(episode('The Ending'), pieces, de)).toEqual([plain('Ending')]);
  expect(sublinePieces(episode('The Ending'), pieces, de)).toEqual([plain('S2 E5 · '), ...pieces]);
  expect(titlePieces(episode('The Ending'), pieces, de)).toEqual(pieces);
});

it('leaves a title whole that is told in the language of the reader', () => {
  const pieces = [match('Episode'), plain(' 5')];
  expect(titlePieces(episode('Episode 5'), pieces, de)).toEqual([plain('Folge 5')]);
  expect(sublinePieces(episode('Episode 5'), pieces, de)).toEqual([plain('S2 E5')]);
});
