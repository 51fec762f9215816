import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { audit } from './support/browser';
import { journeyFromNothing } from './support/journey';
import { emptySky, moon, skyAt } from './support/moon';
import { createOwner } from './support/people';
import { demoFolder } from './support/server';

const run = promisify(execFile);

/** As long as the film of the demo that it is made of. */
const FILM_SECONDS = 28;
/** Pictures of two sizes are compared, and passing the sun the moon loses a part of itself; a wrong part is a second off. */
const SLACK_SECONDS = 0.6;
const TITLE = 'Harbour of Light';

let folder = '';
const here = journeyFromNothing(async () => {
  folder = await makeFilm();
  return {};
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The same film with so many bits that a smaller picture costs less. */
async function makeFilm(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'revenge-quality-'));
  const target = join(folder, `${TITLE} (2019)`);
  await mkdir(target);
  const source = 'Harbour of Glass (2019)/Harbour of Glass (2019).mkv';
  const coding =
    '-map 0:v -map 0:a -c:a copy -c:v libx264 -preset ultrafast -g 50 -b:v 6M -minrate 6M -maxrate 6M -bufsize 3M -x264-params nal-hrd=cbr';
  const film = join(target, `${TITLE} (2019).mkv`);
  const input = join(demoFolder('Movies'), source);
  await run('ffmpeg', ['-v', 'error', '-i', input, ...coding.split(' '), film]);
  return folder;
}

const video = (page: Page) => page.locator('video');
const position = (page: Page) => video(page).evaluate((it: HTMLVideoElement) => it.currentTime);
const lines = (page: Page) => video(page).evaluate((it: HTMLVideoElement) => it.videoHeight);

async function plays(page: Page) {
  const before = await position(page);
  await expect.poll(() => position(page), { timeout: 30_000 }).toBeGreaterThan(before + 0.5);
}

/** The buttons hide from whoever only watches, and come back when the pointer moves. */
async function openQualities(page: Page) {
  await page.mouse.move(200, 200);
  await page.mouse.move(220, 210);
  await page.getByRole('button', { name: 'Quality' }).click();
}

/** Chooses while the film plays, and waits for a picture of that size. */
async function choose(page: Page, name: string, height: number) {
  await openQualities(page);
  await page.getByRole('menuitemradio', { name, exact: true }).click();
  await expect.poll(() => lines(page), { timeout: 30_000 }).toBe(height);
  await plays(page);
}

/** Seeks, and compares the place of the moon with the time. */
async function showsTheRightPictures(page: Page, times: number[]) {
  const skies: [seconds: number, sky: number[]][] = [];
  for (const seconds of times) skies.push([seconds, await skyAt(page, seconds)]);
  const empty = emptySky(skies.map(([, sky]) => sky));
  for (const [seconds, sky] of skies) {
    const shown = moon(sky, empty) * FILM_SECONDS;
    const difference = Math.abs(shown - seconds);
    expect(difference, `the picture at ${seconds} s is that of ${shown}`).toBeLessThan(
      SLACK_SECONDS,
    );
  }
}

test('a person plays the original, a smaller picture, and the original again', async () => {
  const { page } = here;
  await createOwner(page);
  const library = { name: 'Rich films', kind: 'movies', folders: [folder] };
  const added = await page.evaluate(async (body) => {
    const headers = { 'content-type': 'application/json', 'x-revenge': '1' };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch('/api/v1/libraries', init);
    const { id } = (await answer.json()) as { id: string };
    return (await fetch(`/api/v1/libraries/${id}/scan`, { method: 'POST', headers })).status;
  }, library);
  expect(added).toBe(202);
  // The open page hears of what the scan found by itself.
  await page.goto('/');
  await page.getByRole('heading', { name: 'Latest in Rich films' }).waitFor({ timeout: 60_000 });
  const made = new Set<string>();
  page.on('response', (it) => {
    const found = /\/(h264-[a-z0-9-]+)\/segments\/\d+/.exec(it.url());
    if (found?.[1] && it.ok()) made.add(found[1]);
  });
  await page
    .getByRole('link', { name: new RegExp(TITLE) })
    .first()
    .click();
  await page.getByRole('heading', { level: 1, name: TITLE }).waitFor();
  await page.getByRole('link', { name: 'Play', exact: true }).click();
  await plays(page);
  expect(await lines(page)).toBe(720);
  await openQualities(page);
  const offered = await page.getByRole('menuitemradio').allTextContents();
  expect(offered.map((it) => it.trim())).toEqual(['Automatic', 'Original', '720p', '480p']);
  await audit(page, 'player-quality');
  await page.keyboard.press('Escape');
  expect([...made], 'nothing is converted that nobody asked for').toEqual([]);

  await choose(page, '480p', 480);
  expect([...made].every((it) => it.startsWith('h264-480-'))).toBe(true);
  await showsTheRightPictures(page, [12.04, 24.5, 3.2, 18.48, 8.0]);
  await page.keyboard.press('2');
  await page.keyboard.press('k');
  await plays(page);
  await choose(page, 'Original', 720);
  await showsTheRightPictures(page, [20.04, 5.5, 26.2, 14.48, 10.0]);
  const broken = await video(page).evaluate((it: HTMLVideoElement) => it.error?.message ?? '');
  expect(broken).toBe('');
});
