import { expect, test } from 'vitest';
import { toParental, toParentalTexts } from './parental';

test('tags are typed with commas between, and nothing typed is no limit', () => {
  const none = {
    max_age: null,
    hides_unrated: false,
    blocked_tags: [],
    allowed_tags: [],
    hours: [],
    leaving_needs_pin: false,
  };
  expect(toParental(toParentalTexts(undefined))).toEqual(none);
  const some = {
    max_age: 0,
    hides_unrated: true,
    blocked_tags: ['horror', 'war'],
    allowed_tags: [],
    hours: [{ weekday: 'monday' as const, from_minute: 420, until_minute: 1200 }],
    leaving_needs_pin: true,
  };
  expect(toParentalTexts(some)).toEqual({
    age: 0,
    hidesUnrated: true,
    blocked: 'horror, war',
    allowed: '',
    hours: [{ days: 'monday', from: '07:00', until: '20:00' }],
    leavingNeedsPin: true,
  });
  expect(toParental(toParentalTexts(some))).toEqual(some);
  const typed = {
    age: '12',
    hidesUnrated: false,
    blocked: ' , gore ,',
    allowed: 'science fiction',
    hours: [],
    leavingNeedsPin: false,
  };
  expect(toParental(typed)).toEqual({
    ...none,
    max_age: 12,
    blocked_tags: ['gore'],
    allowed_tags: ['science fiction'],
  });
});
