import { expect, test } from 'vitest';
import { commandFor } from './keyboard';

const press = (
  key: string,
  held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey', boolean>> = {},
) => commandFor({ key, ctrlKey: false, metaKey: false, altKey: false, ...held });

test.each([
  [' ', { name: 'toggle' }],
  ['K', { name: 'toggle' }],
  ['ArrowLeft', { name: 'seekBy', ms: -10_000 }],
  ['l', { name: 'seekBy', ms: 10_000 }],
  ['ArrowUp', { name: 'volumeBy', step: 0.05 }],
  ['f', { name: 'fullscreen' }],
  ['m', { name: 'mute' }],
  ['c', { name: 'subtitles' }],
  ['g', { name: 'subtitleBy', ms: -100 }],
  ['h', { name: 'subtitleBy', ms: 100 }],
  ['i', { name: 'statistics' }],
  ['Escape', { name: 'close' }],
  ['0', { name: 'seekShare', share: 0 }],
  ['7', { name: 'seekShare', share: 0.7 }],
])('%j', (key, command) => {
  expect(press(key)).toEqual(command);
});

test('keys held with a modifier belong to the browser', () => {
  expect(press('l', { ctrlKey: true })).toBeUndefined();
  expect(press('f', { metaKey: true })).toBeUndefined();
});

test('other keys do nothing', () => {
  expect(press('Tab')).toBeUndefined();
  expect(press('x')).toBeUndefined();
});
