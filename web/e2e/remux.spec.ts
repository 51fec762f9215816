import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { audit, openWindow } from './support/browser';
import { call } from './support/call';
import { journey } from './support/journey';
import { emptySky, moon, skyAt } from './support/moon';
import { enter } from './support/people';

const here = journey();

const LENE = { name: 'Lene', password: 'correct horse battery' };

/** Of `Harbour of Glass` in the demo: the moon crosses the picture once in this time. */
const FILM_SECONDS = 28;
/** How exactly the place of a moon of some twenty frames' width tells the time. */
const SLACK_SECONDS = 0.15;

const video = (page: Page) => page.locator('video');
const position = (page: Page) => video(page).evaluate((it: HTMLVideoElement) => it.currentTime);

async function plays(page: Page) {
  const before = await position(page);
  await expect.poll(() => position(page), { timeout: 20_000 }).toBeGreaterThan(before + 0.5);
}

test('a film in Matroska plays, seeks to the right picture, and changes sound and subtitles', async () => {
  // What is chosen here is remembered, and belongs to nobody that other journeys are.
  await enter(here.page);
  await call(here.page, 'POST', '/people', { ...LENE, all_libraries: true });
  const [context, page] = await openWindow(here.browser, here.url);
  await enter(page, LENE);
  await page.keyboard.press('/');
  await page.getByRole('combobox').fill('harbour of gl');
  await page.getByRole('option', { name: /Harbour of Glass/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Harbour of Glass' }).waitFor();
  const segments: string[] = [];
  page.on('response', (it) => {
    const found = /hls\/[^/]+\/[^/]+\/(\d+)\/segments\/\d+/.exec(it.url());
    if (found?.[1] && it.ok()) segments.push(found[1]);
  });
  await page.getByRole('link', { name: 'Play', exact: true }).click();
  await plays(page);
  expect(await video(page).evaluate((it: HTMLVideoElement) => it.src)).toMatch(/^blob:/);

  await page.keyboard.press('i');
  const statistics = page.getByRole('region', { name: 'Statistics' });
  // The film's own language, though the browser does not decode it; the pictures are its own.
  await statistics.getByText('Its pictures, sound converted').waitFor();
  await statistics.getByText(/does not decode Dolby Digital sound/).waitFor();
  await audit(page, 'player-remux');
  await page.keyboard.press('i');

  // The darkest that each column ever is, is the sky without the moon.
  const times = [14.02, 3.5, 25.3, 7.96, 21.1, 0.5, 11.75, 27.2, 16.4, 5.02];
  const skies: [seconds: number, sky: number[]][] = [];
  for (const seconds of times) skies.push([seconds, await skyAt(page, seconds)]);
  const empty = emptySky(skies.map(([, sky]) => sky));
  for (const [seconds, sky] of skies) {
    const shown = moon(sky, empty) * FILM_SECONDS;
    expect(
      Math.abs(shown - seconds),
      `the picture at ${seconds} s is that of ${shown}`,
    ).toBeLessThan(SLACK_SECONDS);
  }

  await page.keyboard.press('2');
  await page.keyboard.press('k');
  await plays(page);
  await page.getByRole('button', { name: 'Sound' }).click();
  await page.getByRole('menuitemradio', { name: /English/, checked: true }).waitFor();
  segments.length = 0;
  await page.getByRole('menuitemradio', { name: /French/ }).click();
  await expect.poll(() => segments.includes('3')).toBe(true);
  await plays(page);

  await page.getByRole('button', { name: 'Subtitles' }).click();
  await page.getByRole('menuitemradio', { name: 'German' }).click();
  const cues = () =>
    video(page).evaluate((it: HTMLVideoElement) => {
      const shown = [...it.textTracks].filter((track) => track.mode === 'showing');
      return shown.map((track) => [track.language, track.cues?.length ?? 0] as const);
    });
  await expect.poll(async () => (await cues())[0]?.[1] ?? 0).toBeGreaterThan(0);
  expect((await cues()).map(([language]) => language)).toEqual(['de']);

  // A subtitle that comes too early is had later at once, and the next time, too.
  const firstAt = () =>
    video(page).evaluate((it: HTMLVideoElement) => {
      const shown = [...it.textTracks].find((track) => track.mode === 'showing');
      return shown?.cues?.[0]?.startTime ?? -1;
    });
  const before = await firstAt();
  await page.getByRole('button', { name: 'Subtitles' }).click();
  for (let n = 0; n < 3; n++) await page.getByRole('menuitem', { name: 'Later' }).click();
  await expect.poll(async () => (await firstAt()) - before).toBeCloseTo(0.3, 3);
  await page.getByText('Shift: 0.3 s').waitFor();
  await audit(page, 'player-subtitle-timing');
  await page.keyboard.press('Escape');
  const [kept] = await Promise.all([
    page.waitForResponse((it) => it.url().endsWith('/choice')),
    page.keyboard.press('g'),
  ]);
  expect(kept.status()).toBe(204);
  await expect.poll(async () => (await firstAt()) - before).toBeCloseTo(0.2, 3);
  await page.reload();
  await plays(page);
  await expect.poll(async () => (await firstAt()) - before).toBeCloseTo(0.2, 3);

  const stalled = await video(page).evaluate((it: HTMLVideoElement) => it.error?.message ?? '');
  expect(stalled).toBe('');
  await context.close();
});
