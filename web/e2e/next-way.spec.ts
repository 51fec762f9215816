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

/** What the server says of a part that it could not convert. */
const NOT_CONVERTED = {
  status: 409,
  contentType: 'application/problem+json',
  body: JSON.stringify({ status: 409, code: 'playback.not_converted', title: 'Conflict' }),
};

async function open(page: Page, title: string) {
  await page.goto('/');
  await page
    .getByRole('heading', { name: /Latest in/ })
    .first()
    .waitFor();
  await page.keyboard.press('/');
  await page.getByRole('combobox').fill(title.toLowerCase());
  await page.getByRole('option', { name: new RegExp(title) }).click();
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
  await page
    .getByRole('link', { name: /^(?:Play|Resume)\b/ })
    .first()
    .click();
}

test('sound that the server cannot convert is left out, and the film goes on', async () => {
  const { page } = here;
  await page.route(/\/\d+\/aac[^/]*\/(?:init|segments)/, (it) => it.fulfill(NOT_CONVERTED));
  await open(page, 'Ember Sky');
  await plays(page);
  await page.keyboard.press('i');
  const statistics = page.getByRole('region', { name: 'Statistics' });
  await statistics.getByText(/The server could not convert it/i).waitFor();
  await page.unrouteAll();
});

test('a film that the server cannot convert at all ends with a word and not with a wheel', async () => {
  const { page } = here;
  await page.route(/\/\d+\/(?:aac|h264)[^/]*\/(?:init|segments)/, (it) =>
    it.fulfill(NOT_CONVERTED),
  );
  await open(page, 'Ember Sky');
  await page
    .getByText('The server could not convert this film, and there is no other way left')
    .waitFor({ timeout: 60_000 });
  await page.unrouteAll();
  await page.getByRole('button', { name: 'Try again' }).click();
  await plays(page);
});
