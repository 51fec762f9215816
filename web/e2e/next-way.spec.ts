import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { journey } from './support/journey';
import { enter } from './support/people';

const here = journey();

const video = (page: Page) => page.locator('video');
const position = (page: Page) => video(page).evaluate((it: HTMLVideoElement) => it.currentTime);

async function plays(page: Page) {
  const before = await position(page);
  await expect.poll(() => position(page), { timeout: 30_000 }).toBeGreaterThan(before + 0.5);
}

/** What a browser takes for bytes it cannot make anything of. */
const GARBAGE = { status: 200, contentType: 'video/mp4', body: 'no film at all'.repeat(100) };

test('a film that the browser makes nothing of goes on in the next way', async () => {
  const { page } = here;
  await enter(page);
  await page.route(/\/playback\/streams\//, (it) => it.fulfill(GARBAGE));
  await page.keyboard.press('/');
  await page.getByRole('combobox').fill('nightjar');
  await page.getByRole('option', { name: /Nightjar/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Nightjar' }).waitFor();
  await page.getByRole('link', { name: 'Play', exact: true }).click();
  await expect
    .poll(() => video(page).evaluate((it: HTMLVideoElement) => it.src), { timeout: 30_000 })
    .toMatch(/^blob:/);
  await plays(page);
  await page.keyboard.press('i');
  const statistics = page.getByRole('region', { name: 'Statistics' });
  const reason = statistics.getByText('This player could not play the file as it is');
  await reason.waitFor();
  // Opened again, it does not try the file a second time.
  let n_tried = 0;
  await page.route(/\/playback\/streams\//, (it) => (n_tried++, it.continue()));
  await page.reload();
  await plays(page);
  await page.keyboard.press('i');
  await reason.waitFor();
  expect(n_tried).toBe(0);
});
