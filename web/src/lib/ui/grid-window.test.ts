import { expect, test } from 'vitest';
import { layOut, totalHeight, visible } from './grid-window';

const layout = layOut({
  width: 1000,
  minCellWidth: 180,
  gap: 20,
  heightOf: (width) => width * 1.5,
});

test('as many columns as fit, and they fill the width', () => {
  expect(layout.columns).toBe(5);
  expect(layout.cellWidth * 5 + 20 * 4).toBe(1000);
});

test('the narrowest phone still gets two columns', () => {
  expect(layOut({ width: 200, minCellWidth: 180, gap: 8, heightOf: (it) => it }).columns).toBe(2);
});

test('the height covers every row, the last one included', () => {
  expect(totalHeight(layout, 11)).toBe(3 * layout.rowStep);
});

test.each([0, 50_000, 2_000_000, 1e9])('at %i px only a screenful is drawn', (top) => {
  const { first, end } = visible(layout, 100_000, top, 900);
  expect(end - first).toBeLessThanOrEqual((Math.ceil(900 / layout.rowStep) + 7) * 5);
  expect(first % 5).toBe(0);
  expect(end).toBeLessThanOrEqual(100_000);
});

test('what is in view is drawn', () => {
  const top = 7_000;
  const { first, end, offset } = visible(layout, 100_000, top, 900);
  expect(offset).toBe((first / 5) * layout.rowStep);
  expect(offset).toBeLessThan(top);
  expect(offset + ((end - first) / 5) * layout.rowStep).toBeGreaterThan(top + 900);
});

test('an empty grid draws nothing', () => {
  expect(visible(layout, 0, 0, 900)).toEqual({ first: 0, end: 0, offset: 0 });
});
