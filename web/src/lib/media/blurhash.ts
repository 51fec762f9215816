/** Paints the blurred preview of a picture onto a canvas. */
import { decode, isBlurhashValid } from 'blurhash';
import type { Attachment } from 'svelte/attachments';

/** Enough for a blur; a larger one costs more than it shows. */
const SIZE = 16;

/** Some screens of a grid, so that scrolling back and forth computes nothing twice. */
const KEPT = 400;
const kept = new Map<string, ImageData>();

export const blurhash =
  (hash: string): Attachment<HTMLCanvasElement> =>
  (canvas) => {
    const image = kept.get(hash) ?? blur(hash);
    if (!image) return;
    canvas.width = SIZE;
    canvas.height = SIZE;
    canvas.getContext('2d')?.putImageData(image, 0, 0);
  };

function blur(hash: string): ImageData | undefined {
  if (!isBlurhashValid(hash).result) return undefined;
  const image = new ImageData(new Uint8ClampedArray(decode(hash, SIZE, SIZE)), SIZE, SIZE);
  if (kept.size >= KEPT) kept.delete(kept.keys().next().value ?? '');
  kept.set(hash, image);
  return image;
}
