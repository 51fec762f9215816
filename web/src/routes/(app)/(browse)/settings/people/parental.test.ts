import { expect, test } from 'vitest';
import { toParental, toParentalTexts } from './parental';

test('tags are typed with commas between, and nothing typed is no limit', () => {
  const none = { max_age: null, hides_unrated: false, blocked_tags: [], allowed_tags: [] };
  expect(toParental(toParentalTexts(undefined))).toEqual(none);
  const some = {
    max_age: 0,
    hides_unrated: true,
    blocked_tags: ['horror', 'war'],
    allowed_tags: [],
  };
  expect(toParentalTexts(some)).toEqual({
    age: 0,
    hidesUnrated: true,
    blocked: 'horror, war',
    allowed: '',
  });
  expect(toParental(toParentalTexts(some))).toEqual(some);
  const typed = {
    age: '12',
    hidesUnrated: false,
    blocked: ' , gore ,',
    allowed: 'science fiction',
  };
  expect(toParental(typed)).toEqual({
    ...none,
    max_age: 12,
    blocked_tags: ['gore'],
    allowed_tags: ['science fiction'],
  });
});
