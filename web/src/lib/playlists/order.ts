/** Rows of a list that somebody puts elsewhere. Pure. */

/** The rows with the one at `from` standing at `to`; the very same where nothing changes. */
export function moved<T>(rows: T[], from: number, to: number): T[] {
  const row = rows[from];
  if (row === undefined || from === to || to < 0 || to >= rows.length) return rows;
  const others = rows.filter((_, idx) => idx !== from);
  return [...others.slice(0, to), row, ...others.slice(to)];
}

/** The rows cut into pages as long as these. */
export function cutLike<T, P extends { items: T[] }>(rows: T[], pages: P[]): P[] {
  let start = 0;
  return pages.map((page) => {
    const items = rows.slice(start, start + page.items.length);
    start += page.items.length;
    return { ...page, items };
  });
}
