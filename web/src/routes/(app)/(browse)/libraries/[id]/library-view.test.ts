import { expect, test } from 'vitest';
import { isFiltered, readView, toFilter, viewAddress } from './library-view';

const read = (address: string) => readView(new URLSearchParams(address));

test('a bare address is everything by title', () => {
  expect(read('')).toEqual({
    sort: 'title',
    direction: 'asc',
    seen: 'all',
    genre: '',
    decade: undefined,
    letter: '',
  });
  expect(isFiltered(read(''))).toBe(false);
});

test.each([
  '?sort=rating',
  '?sort=added_at&direction=asc',
  '?direction=desc&seen=favourites',
  '?seen=unplayed&genre=Science+Fiction&decade=1990&letter=B',
])('%s survives reading and writing', (address) => {
  expect(viewAddress(read(address))).toBe(address);
});

test.each(['?sort=password', '?direction=up', '?seen=maybe', '?decade=no', '?letter=AB'])(
  '%s means nothing to us and is left out',
  (address) => {
    expect(viewAddress(read(address))).toBe('?');
  },
);

test('a decade is ten years, and dates come newest first', () => {
  expect(toFilter(read('?sort=released_on&decade=1990'))).toMatchObject({
    direction: 'desc',
    year_from: 1990,
    year_to: 1999,
  });
});

test('not watched is not the same as not asked', () => {
  expect(toFilter(read('?seen=unplayed')).played).toBe(false);
  expect(toFilter(read('')).played).toBeUndefined();
});
