import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { audit } from './support/browser';
import { journey } from './support/journey';
import { enter } from './support/people';

const here = journey();

/** Of `Über den Dächern von Morgen` in the demo: 1280 pixels wide, with a picture from 1 s to 3 s and every four seconds. */
const FILM_WIDTH = 1280;
const PICTURE = { width: 192, height: 54 };
/** Half a pixel of the screen is lost to rounding, and none of the film. */
const SLACK = 1.5;

const video = (page: Page) => page.locator('video');
const pictures = (page: Page) => page.locator('img[data-subtitle]');

async function seek(page: Page, seconds: number) {
  await video(page).evaluate((it: HTMLVideoElement, to) => (it.currentTime = to), seconds);
}

/** How much of the stage is the red of the sign, as somebody sees it: 0 to 1. */
async function redness(page: Page): Promise<number> {
  const shot = (await page.screenshot()).toString('base64');
  return page.evaluate(async (png) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d');
    if (!context) throw new Error('no canvas');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    let n = 0;
    for (let at = 0; at < data.length; at += 4) {
      const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
      if (red > 200 && green < 60 && blue < 60) n += 1;
    }
    return n / (image.width * image.height);
  }, shot);
}

async function open(page: Page) {
  await page.keyboard.press('/');
  await page.getByRole('combobox').fill('dächern');
  await page.getByRole('option', { name: /Dächern/ }).click();
  await page.getByRole('heading', { level: 1, name: /Dächern/ }).waitFor();
  const converted: string[] = [];
  page.on('request', (it) => {
    if (/\/h264-[^/]*\//.test(it.url())) converted.push(it.url());
  });
  await page
    .getByRole('link', { name: /^(Play|Resume)\b/ })
    .first()
    .click();
  await expect
    .poll(() => video(page).evaluate((it: HTMLVideoElement) => it.currentTime), { timeout: 20_000 })
    .toBeGreaterThan(0.2);
  return converted;
}

async function choose(page: Page, name: string) {
  await page.getByRole('button', { name: 'Subtitles' }).click();
  await page.getByRole('menuitemradio', { name }).click();
}

test('subtitles that are pictures are laid over the film, and nothing is converted for them', async () => {
  const { page } = here;
  await enter(page);
  const converted = await open(page);
  expect(await pictures(page).count()).toBe(0);

  await choose(page, 'German');
  await page.keyboard.press('k');
  await seek(page, 2);
  await pictures(page).waitFor();
  // Without the controls it lies where the disc has it.
  await page.mouse.move(5, 5);
  const shown = await video(page).boundingBox();
  const picture = await pictures(page).boundingBox();
  if (!shown || !picture) throw new Error('nothing is shown');
  const scale = shown.width / FILM_WIDTH;
  expect(Math.abs(picture.width - PICTURE.width * scale)).toBeLessThan(SLACK);
  expect(Math.abs(picture.height - PICTURE.height * scale)).toBeLessThan(SLACK);
  const middle = picture.x + picture.width / 2 - (shown.x + shown.width / 2);
  expect(Math.abs(middle)).toBeLessThan(SLACK);
  await audit(page, 'player-drawn');

  await seek(page, 3.5);
  await expect.poll(() => pictures(page).count()).toBe(0);
  await seek(page, 9.5);
  await pictures(page).waitFor();
  await choose(page, 'Off');
  await expect.poll(() => pictures(page).count()).toBe(0);
  expect(converted).toEqual([]);
});

test('subtitles with styles are drawn as their script has them', async () => {
  const { page } = here;
  await page.goto('/');
  await page.getByRole('navigation').first().waitFor();
  await open(page);
  await page.keyboard.press('k');
  await seek(page, 2);
  expect(await redness(page)).toBeLessThan(0.001);
  await choose(page, 'English');
  // 200 by 100 of 1280 by 720 pixels.
  const SHARE = (200 * 100) / (1280 * 720);
  await expect.poll(() => redness(page), { timeout: 20_000 }).toBeGreaterThan(SHARE * 0.8);
  expect(await redness(page)).toBeLessThan(SHARE * 1.2);
  await seek(page, 6);
  await expect.poll(() => redness(page)).toBeLessThan(0.001);
  await audit(page, 'player-styled');
  await seek(page, 2);
  await expect.poll(() => redness(page)).toBeGreaterThan(SHARE * 0.8);
  await choose(page, 'Off');
  await expect.poll(() => redness(page)).toBeLessThan(0.001);
});
