import type { ImageRef } from '$lib/api/types';

/** Widths we ask for. Few, so that the server's cache of resized pictures stays small. */
const WIDTHS = [160, 320, 480, 720, 1280, 1920];

export function imageUrl(image: Pick<ImageRef, 'url'>, width: number): string {
  return `${image.url}${image.url.includes('?') ? '&' : '?'}width=${width}`;
}

/** A `srcset` up to the picture's own size. */
export function imageSet(image: ImageRef): string {
  const own = image.width ?? Infinity;
  const useful = WIDTHS.filter((width, idx) => idx === 0 || (WIDTHS[idx - 1] ?? 0) < own);
  return useful.map((width) => `${imageUrl(image, width)} ${width}w`).join(', ');
}
