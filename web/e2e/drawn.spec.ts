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

test('subtitles that are pictures are laid over the film, and nothing is converted for them', async () => {
  const { page } = here;
  await enter(page);
  await page.keyboard.press('/');
  await page.getByRole('combobox').fill('dächern');
  await page.getByRole('option', { name: /Dächern/ }).click();
  await page.getByRole('heading', { level: 1, name: /Dächern/ }).waitFor();
  const converted: string[] = [];
  page.on('request', (it) => {
    if (/\/h264-[^/]*\//.test(it.url())) converted.push(it.url());
  });
  await page.getByRole('link', { name: 'Play', exact: true }).click();
  await expect
    .poll(() => video(page).evaluate((it: HTMLVideoElement) => it.currentTime), { timeout: 20_000 })
    .toBeGreaterThan(0.2);
  expect(await pictures(page).count()).toBe(0);

  await page.getByRole('button', { name: 'Subtitles' }).click();
  await page.getByRole('menuitemradio', { name: 'German' }).click();
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
  await page.getByRole('button', { name: 'Subtitles' }).click();
  await page.getByRole('menuitemradio', { name: 'Off' }).click();
  await expect.poll(() => pictures(page).count()).toBe(0);
  expect(converted).toEqual([]);
});
