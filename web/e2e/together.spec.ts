import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { audit, openWindow } from './support/browser';
import { call, findItem } from './support/call';
import { journey } from './support/journey';
import { enter } from './support/people';

const here = journey();

const SAM = { name: 'Sam', password: 'correct horse battery' };
/** Two pictures of 25 a second, and what asking two pages one after the other costs. */
const SLACK_SECONDS = 0.1;

const WAIT = { timeout: 20_000, interval: 100 };

const video = (page: Page) => page.locator('video');

/** Where a page's film is, with the moment by the clock that both pages share. */
const look = (page: Page) =>
  video(page).evaluate((it: HTMLVideoElement) => ({
    at: it.currentTime,
    clock: (performance.timeOrigin + performance.now()) / 1000,
    isPaused: it.paused,
    rate: it.playbackRate,
  }));

/** How far the second is behind the first, in seconds of the film. */
async function apart(one: Page, other: Page): Promise<number> {
  const [first, second] = await Promise.all([look(one), look(other)]);
  const passed = first.isPaused ? 0 : second.clock - first.clock;
  return first.at + passed - second.at;
}

async function areTogether(one: Page, other: Page, timeout = 15_000) {
  await expect
    .poll(async () => Math.abs(await apart(one, other)), { timeout, interval: 300 })
    .toBeLessThan(SLACK_SECONDS);
}

const wake = async (page: Page) => {
  await page.mouse.move(300, 300);
  await page.mouse.move(320, 320);
};

test('two browsers show one film at the same moment', async () => {
  const one = here.page;
  await enter(one);
  await call(one, 'POST', '/people', { ...SAM, all_libraries: true });
  const [context, other] = await openWindow(here.browser, here.url);
  await enter(other, SAM);
  const film = await findItem(one, 'Slow River');
  await one.goto(`/watch/${film}?from=start`);
  await expect.poll(async () => (await look(one)).at, WAIT).toBeGreaterThan(1);

  await wake(one);
  await one.getByRole('button', { name: 'Watch together' }).click();
  await one.getByRole('button', { name: 'Start watching together' }).click();
  const groups = () => call<{ items: { id: string }[] }>(one, 'GET', '/playback/groups');
  await expect.poll(async () => (await groups()).items.length, WAIT).toBe(1);
  const [group] = (await groups()).items;
  await other.goto(`/watch/${film}?group=${group?.id}`);
  await video(other).waitFor();
  await expect.poll(async () => (await look(other)).isPaused, WAIT).toBe(false);
  await areTogether(one, other);
  const seen: number[] = [];
  for (let n = 0; n < 10; n++) {
    seen.push(await apart(one, other));
    await one.waitForTimeout(300);
  }
  console.info(
    'apart by ms',
    seen.map((it) => Math.round(it * 1000)),
  );
  expect(Math.max(...seen.map(Math.abs))).toBeLessThan(0.2);

  await wake(one);
  await one.getByRole('button', { name: 'Watch together' }).click();
  await one.getByText('Sam').waitFor();
  await audit(one, 'together');
  await one.keyboard.press('Escape');

  // Who pauses and seeks does so for both, whoever made the group.
  await other.keyboard.press('k');
  await expect.poll(async () => (await look(one)).isPaused, WAIT).toBe(true);
  await expect.poll(async () => (await look(other)).isPaused, WAIT).toBe(true);
  await areTogether(one, other);
  await one.keyboard.press('5');
  await expect.poll(async () => Math.round((await look(other)).at), WAIT).toBe(150);
  await one.keyboard.press('k');
  await expect.poll(async () => (await look(other)).isPaused, WAIT).toBe(false);
  await areTogether(one, other);

  // Far off it jumps back; a little off it goes faster until it is there.
  await video(other).evaluate((it: HTMLVideoElement) => void (it.currentTime += 8));
  await areTogether(one, other);
  await video(other).evaluate((it: HTMLVideoElement) => void (it.currentTime -= 0.5));
  await expect
    .poll(async () => (await look(other)).rate, { timeout: 5_000, interval: 50 })
    .toBeGreaterThan(1);
  await areTogether(one, other, 20_000);

  await other.setViewportSize({ width: 390, height: 844 });
  await wake(other);
  await other.getByRole('button', { name: 'Watch together' }).click();
  await audit(other, 'together-phone');
  await other.getByRole('button', { name: 'Go on alone' }).click();
  await wake(other);
  await other.keyboard.press('1');
  await expect.poll(async () => Math.round((await look(other)).at), WAIT).toBeLessThan(40);
  expect((await look(one)).at).toBeGreaterThan(100);
  await context.close();
});
