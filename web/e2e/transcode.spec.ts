import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { audit } from './support/browser';
import { journey } from './support/journey';
import { emptySky, moon, skyAt } from './support/moon';
import { enter } from './support/people';

const here = journey();

/** Of `Ember Sky` in the demo: HEVC in HDR10 with Dolby Digital, neither of which this browser decodes. */
const FILM_SECONDS = 12;
/** How exactly the moon tells the time: passing the sun, which is brighter in this film, it loses a part of itself. */
const SLACK_SECONDS = 0.35;

const video = (page: Page) => page.locator('video');
const position = (page: Page) => video(page).evaluate((it: HTMLVideoElement) => it.currentTime);

async function plays(page: Page) {
  const before = await position(page);
  await expect.poll(() => position(page), { timeout: 40_000 }).toBeGreaterThan(before + 0.5);
}

test('a film that the browser does not decode is converted, and seeks to the right picture', async () => {
  const { page } = here;
  await enter(page);
  await page.keyboard.press('/');
  await page.getByRole('combobox').fill('ember sky');
  await page.getByRole('option', { name: /Ember Sky/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Ember Sky' }).waitFor();
  const segments = new Set<string>();
  page.on('response', (it) => {
    const found = /hls\/[^/]+\/[^/]+\/\d+\/([a-z0-9-]+)\/segments\/\d+/.exec(it.url());
    if (found?.[1] && it.ok()) segments.add(found[1]);
  });
  await page.getByRole('link', { name: 'Play', exact: true }).click();
  await plays(page);

  await page.keyboard.press('i');
  const statistics = page.getByRole('region', { name: 'Statistics' });
  await statistics.getByText('Converted while it plays').waitFor();
  await statistics.getByText(/does not decode HEVC pictures/).waitFor();
  await statistics.getByText(/does not decode Dolby Digital sound/).waitFor();
  await audit(page, 'player-transcode');
  await page.keyboard.press('i');

  const times = [9.5, 1.02, 6.3, 11.2, 4.4, 0.2, 8.04, 2.9];
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

  await page.keyboard.press('1');
  await page.keyboard.press('k');
  await plays(page);
  expect([...segments].some((it) => it.startsWith('h264-'))).toBe(true);
  expect(segments.has('aac')).toBe(true);
  const stalled = await video(page).evaluate((it: HTMLVideoElement) => it.error?.message ?? '');
  expect(stalled).toBe('');
});
