/** Paints the blurred preview of a picture onto a canvas. */
import { decode, isBlurhashValid } from 'blurhash';
import type { Attachment } from 'svelte/attachments';

/** Enough for a blur; a larger one costs more than it shows. */
const SIZE = 24;

export const blurhash =
  (hash: string): Attachment<HTMLCanvasElement> =>
  (canvas) => {
    if (!isBlurhashValid(hash).result) return;
    canvas.width = SIZE;
    canvas.height = SIZE;
    const pixels = new Uint8ClampedArray(decode(hash, SIZE, SIZE));
    canvas.getContext('2d')?.putImageData(new ImageData(pixels, SIZE, SIZE), 0, 0);
  };
