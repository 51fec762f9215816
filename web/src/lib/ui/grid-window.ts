/** Which cells of a very long grid are worth drawing. Pure arithmetic. */

export interface GridShape {
  /** Inner width of the grid. */
  width: number;
  minCellWidth: number;
  gap: number;
  /** Height of a cell that is `cellWidth` wide. */
  heightOf: (cellWidth: number) => number;
}

export interface Layout {
  columns: number;
  cellWidth: number;
  /** From the top of one row to the top of the next. */
  rowStep: number;
}

export interface Window {
  first: number;
  /** One past the last cell. */
  end: number;
  /** Where the first drawn row starts. */
  offset: number;
}

/** Rows drawn beyond each edge, so that neither a flick nor an arrow key meets a blank. */
const SPARE_ROWS = 3;

export function layOut({ width, minCellWidth, gap, heightOf }: GridShape): Layout {
  const columns = Math.max(2, Math.floor((width + gap) / (minCellWidth + gap)));
  const cellWidth = Math.max(0, (width - gap * (columns - 1)) / columns);
  return { columns, cellWidth, rowStep: Math.max(1, heightOf(cellWidth) + gap) };
}

export const totalHeight = ({ columns, rowStep }: Layout, count: number): number =>
  Math.ceil(count / columns) * rowStep;

/** The cells to draw when the view spans `top` to `top + height`, measured from the top of the grid. */
export function visible(
  { columns, rowStep }: Layout,
  count: number,
  top: number,
  height: number,
): Window {
  const rows = Math.ceil(count / columns);
  const clamp = (row: number) => Math.min(rows, Math.max(0, row));
  const firstRow = clamp(Math.floor(top / rowStep) - SPARE_ROWS);
  const endRow = clamp(Math.ceil((top + height) / rowStep) + SPARE_ROWS);
  return {
    first: firstRow * columns,
    end: Math.min(count, endRow * columns),
    offset: firstRow * rowStep,
  };
}
