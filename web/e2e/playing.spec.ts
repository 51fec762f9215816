import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { audit, openWindow } from './support/browser';
import { call, findItem } from './support/call';
import { journey } from './support/journey';
import { enter } from './support/people';

const here = journey();

const KIM = { name: 'Kim', password: 'correct horse battery' };
const video = (page: Page) => page.locator('video');
const state = (page: Page) =>
  video(page).evaluate((it: HTMLVideoElement) => ({ at: it.currentTime, isPaused: it.paused }));

async function plays(page: Page) {
  const { at } = await state(page);
  await expect
    .poll(async () => (await state(page)).at, { timeout: 20_000 })
    .toBeGreaterThan(at + 0.3);
}

test('what is played is seen, commanded by its person, and stopped by the owner', async () => {
  const owner = here.page;
  await enter(owner);
  await call(owner, 'POST', '/people', { ...KIM, all_libraries: true });
  const [context, player] = await openWindow(here.browser, here.url);
  await enter(player, KIM);
  const film = await findItem(player, 'Slow River');
  await player.goto(`/watch/${film}`);
  await plays(player);

  await owner.goto('/settings/playing');
  const row = owner.getByRole('article', { name: 'Slow River' }).filter({ hasText: KIM.name });
  await row.getByText(/The file itself/).waitFor();
  await audit(owner, 'playing');
  await owner.setViewportSize({ width: 390, height: 844 });
  await audit(owner, 'playing-phone');
  await owner.setViewportSize({ width: 1366, height: 768 });

  // Another page of the same person is their remote control.
  const remote = await context.newPage();
  await remote.goto('/settings/playing');
  const own = remote.getByRole('article', { name: 'Slow River' });
  await own.getByRole('button', { name: 'Pause' }).click();
  await expect.poll(async () => (await state(player)).isPaused, { timeout: 10_000 }).toBe(true);
  await own.getByText('Paused').waitFor();
  const before = await state(player);
  await own.getByRole('button', { name: 'Forward 30 seconds' }).click();
  await expect
    .poll(async () => (await state(player)).at, { timeout: 10_000 })
    .toBeGreaterThan(before.at + 25);
  await own.getByRole('button', { name: 'Play' }).click();
  await plays(player);
  expect(await remote.getByRole('article').count()).toBe(1);
  await audit(remote, 'playing-own');
  await remote.close();

  await row.getByRole('button', { name: 'Stop' }).click();
  const dialog = owner.getByRole('dialog', { name: `Stop what ${KIM.name} plays?` });
  await dialog.getByLabel('Message').fill('Dinner is ready');
  await audit(owner, 'playing-stop');
  await dialog.getByRole('button', { name: 'Stop' }).click();
  await player.getByText('Playback was ended: Dinner is ready').waitFor();
  await video(player).waitFor({ state: 'detached' });
  await expect.poll(() => row.count(), { timeout: 10_000 }).toBe(0);
  await context.close();
});

test('what is converted says so and why', async () => {
  const owner = here.page;
  const film = await findItem(owner, 'Ember Sky');
  const player = await owner.context().newPage();
  await player.goto(`/watch/${film}`);
  await expect.poll(async () => (await state(player)).at, { timeout: 40_000 }).toBeGreaterThan(0.2);
  await player.keyboard.press('k');
  await owner.goto('/settings/playing');
  const row = owner.getByRole('article', { name: 'Ember Sky' });
  await row.getByText('Converted', { exact: true }).waitFor();
  await row.getByText(/does not decode HEVC pictures/).waitFor();
  await call(owner, 'PATCH', '/me', { language: 'de' });
  await owner.goto('/settings/playing');
  await owner.getByText('Umgewandelt', { exact: true }).waitFor();
  await audit(owner, 'playing-converted-de');
  await call(owner, 'PATCH', '/me', { language: 'en' });
  await player.close();
});
