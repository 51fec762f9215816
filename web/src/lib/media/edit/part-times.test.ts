import { expect, test } from 'vitest';
import { readClock, writeClock } from './part-times';

test('a moment is read as people write it', () => {
  expect(readClock('0:05')).toBe(5000);
  expect(readClock(' 62:30 ')).toBe(3_750_000);
  expect(readClock('1:02:30')).toBe(3_750_000);
  expect(readClock('1:02:30.5')).toBe(3_750_500);
  for (const wrong of ['', '5', '1:5', '1:65', 'a:bc', '1:00:00:00', '-1:00']) {
    expect(readClock(wrong)).toBeUndefined();
  }
});

test('what was written is read again', () => {
  for (const ms of [0, 5000, 61_300, 3_750_000, 36_000_000]) {
    expect(readClock(writeClock(ms))).toBe(ms);
  }
  expect(writeClock(3_750_000)).toBe('1:02:30');
  expect(writeClock(61_300)).toBe('1:01.3');
});
