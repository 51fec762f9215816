import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { audit } from './support/browser';
import { journeyFromNothing } from './support/journey';
import { addFilms, createOwner } from './support/people';

const here = journeyFromNothing();

const position = (page: Page) =>
  page.locator('video').evaluate((video: HTMLVideoElement) => video.currentTime);

async function plays(page: Page) {
  const before = await position(page);
  await expect.poll(() => position(page), { timeout: 20_000 }).toBeGreaterThan(before + 1);
}

test('from nothing to a playing film, which goes on where it stopped after a restart', async () => {
  const { page, server } = here;
  await createOwner(page);
  await audit(page, 'wizard');
  await addFilms(page);
  await page.getByRole('link', { name: 'Start watching' }).click();
  await page.getByRole('heading', { name: 'Latest in Films' }).waitFor();
  await audit(page, 'home');

  // Not every film of the demo is made for browsers; this one is, and it is long enough to stop halfway.
  await page.keyboard.press('/');
  await page.getByRole('combobox').fill('slow riv');
  await page.getByRole('option', { name: /Slow River/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Slow River' }).waitFor();
  const film = new URL(page.url()).pathname;
  await page.getByRole('link', { name: 'Play', exact: true }).click();
  await plays(page);

  await page.keyboard.press('5');
  await expect.poll(() => position(page)).toBeGreaterThan(120);
  await plays(page);
  await page.keyboard.press('k');
  const stoppedAt = await position(page);
  await audit(page, 'player');
  await page.getByRole('button', { name: 'Close player' }).click();
  await page.getByRole('link', { name: /Resume at/ }).waitFor();

  await server.pause();
  await server.resume();

  await page.goto('/');
  await page.getByRole('heading', { name: 'Continue watching' }).waitFor();
  await page.goto(film);
  await page.getByRole('link', { name: /Resume at/ }).click();
  await page.getByRole('button', { name: 'Start over' }).waitFor();
  expect(Math.abs((await position(page)) - stoppedAt)).toBeLessThan(3);
  await plays(page);
});
