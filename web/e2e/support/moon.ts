/** Tells the time of a demo film by its moon, which crosses the sky once from beginning to end. */
import type { Page } from 'playwright-core';

/** Waits for the picture at `seconds`, and gives the brightness of each column of the sky. */
export const skyAt = (page: Page, seconds: number) =>
  page.locator('video').evaluate(async (it: HTMLVideoElement, seconds) => {
    it.pause();
    // A picture of where it was may still be on its way.
    const isShown = new Promise<void>((done) => {
      const look = (_: number, { mediaTime }: VideoFrameCallbackMetadata) =>
        Math.abs(mediaTime - seconds) < 0.2 ? done() : void it.requestVideoFrameCallback(look);
      it.requestVideoFrameCallback(look);
    });
    it.currentTime = seconds;
    await isShown;
    const canvas = new OffscreenCanvas(it.videoWidth, it.videoHeight);
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no canvas');
    context.drawImage(it, 0, 0);
    const [top, height] = [Math.round(it.videoHeight * 0.1), Math.round(it.videoHeight * 0.1)];
    const { data, width } = context.getImageData(0, top, it.videoWidth, height);
    // Whatever size the picture has now, there are as many columns.
    const nColumns = 640;
    const [sums, counts] = [
      new Array<number>(nColumns).fill(0),
      new Array<number>(nColumns).fill(0),
    ];
    for (let at = 0; at < data.length; at += 4) {
      const x = Math.floor((((at / 4) % width) * nColumns) / width);
      sums[x] = (sums[x] ?? 0) + (data[at + 1] ?? 0);
      counts[x] = (counts[x] ?? 0) + 1;
    }
    return sums.map((sum, x) => sum / Math.max(1, counts[x] ?? 0));
  }, seconds);

/** The darkest that each column ever is: the sky without the moon. */
export const emptySky = (skies: number[][]) =>
  skies.reduce((least, sky) => sky.map((it, x) => Math.min(it, least[x] ?? it)));

/** Where the moon is, 0 at the left and 1 at the right. */
export function moon(sky: number[], empty: number[]): number {
  const light = sky.map((it, x) => Math.max(0, it - (empty[x] ?? 0) - 8));
  const sum = light.reduce((total, it) => total + it, 0);
  const centre = light.reduce((total, it, x) => total + it * x, 0) / sum;
  const moonWidth = (sky.length * 9) / 16 / 5;
  return (centre - moonWidth / 2) / (sky.length - moonWidth);
}
