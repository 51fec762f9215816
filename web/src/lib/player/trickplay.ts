import type { Trickplay } from '$lib/api/types';

/** A small picture on a sheet: where it lies, in pixels of the sheet. */
export interface Tile {
  url: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The picture that stands for a moment of the film. */
export function tileAt(trickplay: Trickplay, ms: number): Tile | undefined {
  const nearest = Math.round(ms / trickplay.interval_ms);
  const number = Math.min(Math.max(0, nearest), trickplay.tile_count - 1);
  const perSheet = trickplay.columns * trickplay.rows;
  return place(trickplay, trickplay.sheets[Math.floor(number / perSheet)], number % perSheet);
}

/** The picture of a chapter by its number, from 0; only the first ones have any. */
export function chapterTile(trickplay: Trickplay, number: number): Tile | undefined {
  const isOnSheet = number < trickplay.columns * trickplay.rows;
  return isOnSheet ? place(trickplay, trickplay.chapter_sheet, number) : undefined;
}

function place(
  { columns, tile_width: width, tile_height: height }: Trickplay,
  url: string | null | undefined,
  number: number,
): Tile | undefined {
  if (!url) return undefined;
  const [column, row] = [number % columns, Math.floor(number / columns)];
  return { url, x: column * width, y: row * height, width, height };
}
