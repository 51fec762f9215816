import { expect, test } from 'vitest';
import { startOf, wantedOf } from './wanted';

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

test('the search starts from what the files are called, not from a wrong match', () => {
  const source = (name: string, facts: unknown) => ({ source: name, facts });
  const wrong = { title: 'The Quiet Orbit', year: 2016 };
  const sources = [source('tmdb', wrong), source('name', { title: 'Quiet Orbit' })];
  expect(startOf(wrong, { sources })).toEqual({ title: 'Quiet Orbit', year: undefined });
  expect(startOf(wrong, { sources: [] })).toEqual(wrong);
});
