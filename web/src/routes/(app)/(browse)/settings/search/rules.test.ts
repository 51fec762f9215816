import { expect, it } from 'vitest';
import { stopWordsOf, synonymsOf, synonymsText } from './rules';

it('reads rules as they are written', () => {
  expect(synonymsOf('sci-fi, Science Fiction\n\n ww2 ,World War II, \n')).toEqual([
    ['sci-fi', 'Science Fiction'],
    ['ww2', 'World War II'],
  ]);
  expect(synonymsOf(' ')).toEqual([]);
  expect(stopWordsOf('the\n film \n')).toEqual(['the', 'film']);
  expect(
    synonymsText([
      ['a b', 'c'],
      ['d', 'e'],
    ]),
  ).toBe('a b, c\nd, e');
});
