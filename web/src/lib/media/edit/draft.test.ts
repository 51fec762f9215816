import { expect, test } from 'vitest';
import { patchOf, type Draft } from './draft';

const start: Draft = {
  title: 'Harbour of Glass',
  sort_title: 'harbour of glass',
  original_title: '',
  tagline: '',
  overview: 'A harbour.',
  year: '2019',
  released_on: '',
  rating: '7.3',
  content_rating: '',
  genres: ['Drama'],
  tags: [],
  studios: [],
  networks: [],
  countries: [],
  credits: [{ name: 'Ada Quill', role: 'actor', character: null }],
};

test('nothing changed is nothing to send', () => {
  expect(patchOf(start, { ...start }, ['title'], ['title'])).toEqual({});
});

test('only what was edited is sent, and an emptied field as null', () => {
  const draft = { ...start, overview: ' ', year: '2020', rating: '8,1', genres: ['Drama', 'Noir'] };
  const locked = ['overview', 'year', 'rating', 'genres'];
  expect(patchOf(start, draft, [], locked)).toEqual({
    overview: null,
    year: 2020,
    rating: 8.1,
    genres: ['Drama', 'Noir'],
  });
});

test('a lock taken off is said, and so is one put on without an edit', () => {
  expect(patchOf(start, start, ['title', 'year'], ['year'])).toEqual({ locked: ['year'] });
  expect(patchOf(start, start, [], ['tagline'])).toEqual({ locked: ['tagline'] });
});

test('people without a name are not sent', () => {
  const credits = [...start.credits, { name: ' ', role: 'actor', character: null }];
  const patch = patchOf(start, { ...start, credits }, [], ['credits']);
  expect(patch.credits).toEqual(start.credits);
});
