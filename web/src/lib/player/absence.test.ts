import { expect, test } from 'vitest';
import { Absence } from './absence';

test('a server that is away is waited for, from the first time on, until it gave something', () => {
  const absence = new Absence(1000);
  expect(absence.mayEnd(undefined, 5000)).toBe(true);
  expect(absence.mayEnd(503, 5900)).toBe(true);
  expect(absence.mayEnd(0, 6000)).toBe(false);
  absence.end();
  expect(absence.mayEnd(502, 6001)).toBe(true);
});

test('what is refused, or broke, is not asked for again', () => {
  expect(new Absence(1000).mayEnd(409, 0)).toBe(false);
  expect(new Absence(1000).mayEnd(404, 0)).toBe(false);
  expect(new Absence(1000).mayEnd(500, 0)).toBe(false);
});
