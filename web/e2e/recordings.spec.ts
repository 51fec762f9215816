import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { journeyFromNothing } from './support/journey';
import { emptySky, moon, skyAt } from './support/moon';
import { createOwner, openLibrary } from './support/people';
import { demoFolder } from './support/server';

const here = journeyFromNothing();
// A folder of its own: these films are made of the demo's.
const media = await mkdtemp(join(tmpdir(), 'revenge-e2e-recordings-'));
afterAll(() => rm(media, { recursive: true, force: true }));

/** Of `Harbour of Glass` in the demo, and of all that is made of it. */
const FILM_SECONDS = 28;
/** How exactly the place of a moon of some twenty frames' width tells the time. */
const SLACK_SECONDS = 0.2;
const SOURCE = join(demoFolder('Movies'), 'Harbour of Glass (2019)', 'Harbour of Glass (2019).mkv');

const FILMS = [
  ['Transport Stream (2001)', 'ts', '-map 0:v -map 0:2 -c copy', /MPEG-TS files/],
  [
    'Old Recording (2003)',
    'avi',
    '-map 0:v -map 0:2 -c:v mpeg4 -vtag XVID -q:v 3 -bf 2 -c:a libmp3lame',
    /MPEG-4/,
  ],
  // Chromium opens it, and would not find its way in it.
  [
    'Live Capture (2005)',
    'webm',
    '-map 0:v -map 0:2 -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus -live 1',
    /without an index/,
  ],
  ['Cut Short (2006)', 'mkv', '-map 0:v -map 0:2 -c copy -live 1', /Matroska|without an index/],
] as const;

const video = (page: Page) => page.locator('video');
const position = (page: Page) => video(page).evaluate((it: HTMLVideoElement) => it.currentTime);

async function plays(page: Page) {
  const before = await position(page);
  await expect.poll(() => position(page), { timeout: 40_000 }).toBeGreaterThan(before + 0.5);
}

async function addLibrary(page: Page): Promise<void> {
  await page.goto('/settings/libraries');
  await page.getByRole('button', { name: 'Add library' }).click();
  const form = page.getByRole('dialog', { name: 'Add library' });
  await form.getByText('Films', { exact: true }).click();
  await form.getByRole('button', { name: 'Choose a folder' }).click();
  const chooser = page.getByRole('dialog', { name: 'Choose a folder on the server' });
  await chooser.getByLabel('Path').fill(media);
  await chooser.getByRole('button', { name: 'Open' }).click();
  await chooser.getByRole('button', { name: 'Use this folder' }).click();
  await chooser.waitFor({ state: 'hidden' });
  await form.getByRole('button', { name: 'Add and scan' }).click();
  await form.waitFor({ state: 'hidden' });
  await page.getByText(`Films · ${FILMS.length} titles`).waitFor({ timeout: 60_000 });
}

test(
  'recordings and old files play, and seek to the right picture',
  { timeout: 300_000 },
  async () => {
    const { page } = here;
    for (const [name, ending, coding] of FILMS) {
      const target = join(media, `${name}.${ending}`);
      const args = ['-v', 'error', '-nostdin', '-i', SOURCE, ...coding.split(' '), target];
      await promisify(execFile)('ffmpeg', args);
    }
    await createOwner(page);
    await addLibrary(page);
    for (const [name, , , reason] of FILMS) {
      const title = name.replace(/ \(.*/, '');
      await page.goto('/');
      await openLibrary(page, 'Films');
      await page
        .getByRole('main')
        .getByRole('link', { name: new RegExp(title) })
        .first()
        .click();
      await page.getByRole('heading', { level: 1, name: title }).waitFor();
      await page.getByRole('link', { name: 'Play', exact: true }).click();
      await plays(page);
      await page.keyboard.press('i');
      await page.getByRole('region', { name: 'Statistics' }).getByText(reason).first().waitFor();
      await page.keyboard.press('i');
      const times = [14.02, 3.5, 25.3, 7.96, 21.1, 0.5, 11.75, 27.2, 16.4, 5.02];
      const skies: [seconds: number, sky: number[]][] = [];
      for (const seconds of times) skies.push([seconds, await skyAt(page, seconds)]);
      const empty = emptySky(skies.map(([, sky]) => sky));
      for (const [seconds, sky] of skies) {
        const shown = moon(sky, empty) * FILM_SECONDS;
        expect(
          Math.abs(shown - seconds),
          `${title}: the picture at ${seconds} s is that of ${shown}`,
        ).toBeLessThan(SLACK_SECONDS);
      }
      const failed = await video(page).evaluate((it: HTMLVideoElement) => it.error?.message ?? '');
      expect(failed).toBe('');
    }
  },
);
