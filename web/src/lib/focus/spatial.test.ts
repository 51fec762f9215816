import { expect, test } from 'vitest';
import { nearest, type Box, type Direction } from './spatial';

/** A grid of 100 px squares, 20 px apart: `cell(column, row)`. */
const cell = (column: number, row: number): Box => ({
  left: column * 120,
  top: row * 120,
  right: column * 120 + 100,
  bottom: row * 120 + 100,
});

const grid = [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => cell(column, row)));
const at = (column: number, row: number) => row * 3 + column;

test.each<[Direction, number]>([
  ['left', at(0, 1)],
  ['right', at(2, 1)],
  ['up', at(1, 0)],
  ['down', at(1, 2)],
])('%s leads to the direct neighbour', (direction, expected) => {
  expect(nearest(cell(1, 1), grid, direction)).toBe(expected);
});

test('the edge of the grid leads nowhere', () => {
  expect(nearest(cell(2, 0), grid, 'right')).toBe(-1);
  expect(nearest(cell(0, 0), grid, 'up')).toBe(-1);
});

test('down from a wide button lands below its middle, not at the far left', () => {
  const toolbar: Box = { left: 120, top: -80, right: 220, bottom: -40 };
  expect(nearest(toolbar, grid, 'down')).toBe(at(1, 0));
});

test('a box ahead in the same row wins over a nearer one in another row', () => {
  const far = { left: 500, top: 0, right: 600, bottom: 100 };
  const diagonal = { left: 110, top: 130, right: 210, bottom: 230 };
  expect(nearest(cell(0, 0), [diagonal, far], 'right')).toBe(1);
});

test('down leads to the next line, though its only button stands at the other end', () => {
  const tab = { left: 0, top: 0, right: 80, bottom: 40 };
  const atTheEnd = { left: 1200, top: 160, right: 1300, bottom: 200 };
  const farBelow = { left: 0, top: 1000, right: 300, bottom: 1040 };
  expect(nearest(tab, [farBelow, atTheEnd], 'down')).toBe(1);
});
