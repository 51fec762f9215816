import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { audit } from './support/browser';
import { journeyFromNothing } from './support/journey';
import { emptySky, moon } from './support/moon';
import { addFilms, createOwner } from './support/people';

const here = journeyFromNothing();

/** Of `Harbour of Glass` in the demo: the moon crosses the picture once in this time. */
const FILM_SECONDS = 28;
/** Its key frames are two seconds apart, and those at the asked moments are taken. */
const SLACK_SECONDS = 0.4;

const preview = (page: Page) => page.getByTestId('seek-preview');

/** Asks for a playing of the film until its pictures have been made; nothing is played meanwhile. */
const hasPictures = (page: Page, item: string) =>
  page.evaluate(async (item) => {
    const response = await fetch('/api/v1/playback', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Revenge': '1' },
      body: JSON.stringify({ item_id: item }),
    });
    const { trickplay } = (await response.json()) as { trickplay: object | null };
    return trickplay !== null;
  }, item);

/** A small picture as the page asks for it. */
interface Look {
  backgroundImage: string;
  backgroundPosition: string;
  width: string;
  height: string;
}

/** How the small picture looks that is shown. */
const look = (page: Page) =>
  preview(page)
    .locator('[aria-hidden]')
    .evaluate((tile: HTMLElement): Look => {
      // Not as computed: that is still on its way from the picture before.
      const { backgroundImage, backgroundPosition, width, height } = tile.style;
      return { backgroundImage, backgroundPosition, width, height };
    });

/** How the next small picture looks when it is first shown: a busy machine may look again only after it is gone. */
const nextLook = (page: Page) =>
  page.evaluateHandle(() => {
    const shown = () =>
      document.querySelector<HTMLElement>('[data-testid=seek-preview] [aria-hidden]');
    const looked = new Promise<Look>((done) => {
      const observer = new MutationObserver(() => {
        const tile = shown();
        if (!tile) return;
        observer.disconnect();
        const { backgroundImage, backgroundPosition, width, height } = tile.style;
        done({ backgroundImage, backgroundPosition, width, height });
      });
      observer.observe(document.body, { childList: true, subtree: true });
    });
    // A promise by itself would be waited for.
    return { looked };
  });

/** The brightness of each column of the sky in a small picture. */
const skyOf = (page: Page, look: Look) =>
  page.evaluate(async ({ backgroundImage, backgroundPosition, width, height }) => {
    const image = new Image();
    image.src = /url\("(.*)"\)/.exec(backgroundImage)?.[1] ?? '';
    await image.decode();
    const [x = 0, y = 0] = backgroundPosition.split(' ').map(parseFloat);
    const [columns, rows] = [parseFloat(width), parseFloat(height)];
    const canvas = new OffscreenCanvas(columns, rows);
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no canvas');
    context.drawImage(image, x, y);
    const band = Math.round(rows * 0.1);
    const { data } = context.getImageData(0, band, columns, band);
    return Array.from({ length: columns }, (_, column) => {
      let sum = 0;
      for (let row = 0; row < band; row++) sum += data[(row * columns + column) * 4 + 1] ?? 0;
      return sum / band;
    });
  }, look);

async function hover(page: Page, seconds: number) {
  const bar = page.getByRole('slider', { name: 'Position' });
  const { x, y, width, height } = (await bar.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  // A little behind the second, so that no rounding of pixels leads before it.
  await page.mouse.move(x + (width * (seconds + 0.2)) / FILM_SECONDS, y + height / 2);
  const text = `0:${String(seconds).padStart(2, '0')}`;
  await expect.poll(() => preview(page).innerText()).toContain(text);
}

test(
  'the seek bar shows the picture of the moment under the pointer, and of where a key leads',
  { timeout: 300_000 },
  async () => {
    const { page } = here;
    await createOwner(page);
    await addFilms(page);
    await page.getByRole('link', { name: 'Start watching' }).click();
    // A key pressed before the page is there is nobody's.
    await page
      .getByRole('main')
      .getByRole('link', { name: /Harbour of Glass/ })
      .first()
      .waitFor();
    await page.keyboard.press('/');
    await page.getByRole('combobox').fill('harbour of gl');
    await page.getByRole('option', { name: /Harbour of Glass/ }).click();
    await page.getByRole('heading', { level: 1, name: 'Harbour of Glass' }).waitFor();
    const item = /[0-9a-f-]{36}/.exec(page.url())?.[0] ?? '';
    await expect
      .poll(() => hasPictures(page, item), { timeout: 180_000, interval: 500 })
      .toBe(true);

    await page.getByRole('link', { name: 'Play', exact: true }).click();
    const video = page.locator('video');
    await expect
      .poll(() => video.evaluate((it: HTMLVideoElement) => it.currentTime), { timeout: 20_000 })
      .toBeGreaterThan(0.2);
    await page.keyboard.press('k');

    // The darkest that each column ever is, is the sky without the moon.
    const times = [2, 26, 8, 14, 20, 4, 24, 10];
    const skies: [seconds: number, sky: number[]][] = [];
    for (const seconds of times) {
      await hover(page, seconds);
      skies.push([seconds, await skyOf(page, await look(page))]);
    }
    const empty = emptySky(skies.map(([, sky]) => sky));
    for (const [seconds, sky] of skies) {
      const shown = moon(sky, empty) * FILM_SECONDS;
      expect(
        Math.abs(shown - seconds),
        `the picture above ${seconds} s is that of ${shown}`,
      ).toBeLessThan(SLACK_SECONDS);
    }
    await hover(page, 14);
    await audit(page, 'player-trickplay');

    await page.mouse.move(600, 300);
    await expect.poll(() => preview(page).count()).toBe(0);
    const looking = await nextLook(page);
    await page.keyboard.press('5');
    const sky = await skyOf(page, await looking.evaluate(({ looked }) => looked));
    expect(Math.abs(moon(sky, empty) * FILM_SECONDS - 14)).toBeLessThan(SLACK_SECONDS);
    await preview(page).waitFor({ state: 'detached' });

    await page.setViewportSize({ width: 390, height: 844 });
    const slider = page.getByRole('slider', { name: 'Position' });
    await expect.poll(async () => (await slider.boundingBox())?.width ?? 0).toBeLessThan(390);
    await hover(page, 2);
    await audit(page, 'player-trickplay-phone');
  },
);
