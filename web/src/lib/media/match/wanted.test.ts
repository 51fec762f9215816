import { expect, test } from 'vitest';
import { wantedOf } from './wanted';

test.each([
  'tt0113277',
  'https://www.themoviedb.org/movie/949',
  'tvdb:78804',
  'tmdb-949',
  'Q186341',
])('%s is an id', (text) => {
  expect(wantedOf(` ${text} `, '1995')).toEqual({ id: text });
});

test.each(['Heat', '1917', '2001: A Space Odyssey', 'Se7en', 'Mission: Impossible 2', 'X-Men'])(
  '%s is a title',
  (text) => {
    expect(wantedOf(text, ' 1995 ')).toEqual({ title: text, year: 1995 });
  },
);

test('a year that is none is left out, and nothing typed asks for the item as it is', () => {
  expect(wantedOf('', 'soon')).toEqual({ title: undefined, year: undefined });
});
