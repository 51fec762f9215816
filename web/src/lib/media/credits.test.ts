import { expect, test } from 'vitest';
import type { Credit } from '$lib/api/types';
import { byPerson, initials } from './credits';

const credit = (id: string, role: string, character?: string): Credit => ({
  id,
  name: `Person ${id}`,
  role,
  character,
});

test('somebody who did several things is one person with all of them', () => {
  const parts = byPerson([
    credit('1', 'director'),
    credit('2', 'writer'),
    credit('1', 'writer'),
    credit('1', 'director'),
  ]);
  expect(parts.map((it) => [it.id, it.roles])).toEqual([
    ['1', ['director', 'writer']],
    ['2', ['writer']],
  ]);
});

test('all characters of an actor are kept', () => {
  const [part] = byPerson([credit('1', 'actor', 'Ada'), credit('1', 'actor', 'Her twin')]);
  expect(part?.characters).toEqual(['Ada', 'Her twin']);
});

test.each([
  ['Maren Ovesen', 'MO'],
  ['Maren von und zu Ovesen', 'MO'],
  ['Cher', 'C'],
  ['', ''],
])('%s has the initials %s', (name, expected) => {
  expect(initials(name)).toBe(expected);
});
