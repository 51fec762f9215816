/** Which of several boxes an arrow key leads to. Pure geometry, for remote controls and keyboards. */

export type Direction = 'left' | 'right' | 'up' | 'down';

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** A step aside costs more than a step ahead, so that focus keeps to its row. */
const SIDEWAYS_COST = 3;

/** Up and down, the next line counts more than the same column: its only button may stand at the other end. */
const SIDEWAYS_COST_ACROSS = 0.5;

/** Left and right leave the row only when nothing is left in it. */
const OTHER_ROW_COST = 100_000;

/** Boxes may overlap by this much (borders, zoom on hover) and still count as lying beyond. */
const SLACK_PX = 4;

/** The index of the nearest box beyond `from`; -1 when there is none. */
export function nearest(from: Box, boxes: Box[], direction: Direction): number {
  const isAcross = direction === 'up' || direction === 'down';
  const sidewaysCost = isAcross ? SIDEWAYS_COST_ACROSS : SIDEWAYS_COST;
  let best = -1;
  let bestCost = Infinity;
  boxes.forEach((box, idx) => {
    const ahead = distanceAhead(from, box, direction);
    if (ahead < -SLACK_PX) return;
    const cost = Math.max(0, ahead) + sidewaysCost * distanceAside(from, box, direction);
    if (cost < bestCost) {
      best = idx;
      bestCost = cost;
    }
  });
  return best;
}

/** Gap between the facing edges; negative when `box` does not lie beyond `from`. */
function distanceAhead(from: Box, box: Box, direction: Direction): number {
  switch (direction) {
    case 'left':
      return from.left - box.right;
    case 'right':
      return box.left - from.right;
    case 'up':
      return from.top - box.bottom;
    case 'down':
      return box.top - from.bottom;
  }
}

/** How far the boxes miss each other across the direction; 0 when they share a line, plus a hint of centring. */
function distanceAside(from: Box, box: Box, direction: Direction): number {
  const across = direction === 'up' || direction === 'down';
  const [a0, a1, b0, b1] = across
    ? [from.left, from.right, box.left, box.right]
    : [from.top, from.bottom, box.top, box.bottom];
  const gap = Math.max(0, Math.max(a0, b0) - Math.min(a1, b1));
  const leavesRow = !across && gap > 0;
  return gap + (leavesRow ? OTHER_ROW_COST : 0) + Math.abs((a0 + a1 - b0 - b1) / 2) / 50;
}
