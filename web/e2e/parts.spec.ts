import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { audit } from './support/browser';
import { call, findItem } from './support/call';
import { journey } from './support/journey';
import { enter } from './support/people';

const here = journey();

const PHONE = { width: 390, height: 844 };
const LAPTOP = { width: 1366, height: 768 };
const position = (page: Page) =>
  page.locator('video').evaluate((it: HTMLVideoElement) => it.currentTime);

test('where intro and credits are is said by a person, and they are skipped', async () => {
  const { page } = here;
  await enter(page);
  const film = await findItem(page, 'Slow River');
  await page.goto(`/movies/${film}`);
  await page.getByRole('heading', { level: 1, name: 'Slow River' }).waitFor();
  await page.getByRole('button', { name: 'Actions: ' }).click();
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  const form = page.getByRole('dialog', { name: 'Edit' });
  await form.getByRole('radio', { name: 'Intro & credits' }).click();
  await form.getByRole('button', { name: 'Add a part' }).click();
  await form.getByLabel('From').fill('0:00');
  await form.getByLabel('To').fill('0:00');
  await form.getByText('For example 1:02:30').waitFor();
  await form.getByLabel('To').fill('0:40');
  await form.getByRole('button', { name: 'Add a part' }).click();
  await form.getByRole('combobox', { name: 'What it is' }).last().click();
  await page.getByRole('option', { name: 'Credits' }).click();
  await form.getByLabel('From').last().fill('4:00');
  await form.getByLabel('To').last().fill('4:40');
  await audit(page, 'edit-parts');
  await page.setViewportSize(PHONE);
  await audit(page, 'edit-parts-phone');
  await page.setViewportSize(LAPTOP);
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('Set by hand').first().waitFor();
  await form.getByRole('button', { name: 'Close' }).click();

  await page.goto(`/watch/${film}?from=start`);
  const skip = page.getByRole('button', { name: 'Skip intro' });
  await skip.waitFor();
  await audit(page, 'player-skip');
  await skip.click();
  await expect.poll(() => position(page)).toBeGreaterThan(39.9);
  await skip.waitFor({ state: 'detached' });
  await page.locator('video').evaluate((it: HTMLVideoElement) => (it.currentTime = 245));
  await page.getByRole('button', { name: 'Skip credits' }).click();
  await expect.poll(() => position(page)).toBeGreaterThan(279.9);
});

test('the menus of the player have room in German, on a laptop and on a phone', async () => {
  const { page } = here;
  await call(page, 'PATCH', '/me', { language: 'de' });
  // Whatever happens here, other journeys are in English.
  onTestFinished(() => call(page, 'PATCH', '/me', { language: 'en' }));
  const film = await findItem(page, 'Harbour of Glass');
  for (const [name, size] of [
    ['laptop', LAPTOP],
    ['phone', PHONE],
  ] as const) {
    await page.setViewportSize(size);
    await page.goto(`/watch/${film}?from=start`);
    await expect.poll(() => position(page), { timeout: 40_000 }).toBeGreaterThan(0.2);
    await page.keyboard.press('k');
    for (const menu of ['Kapitel', 'Ton', 'Untertitel', 'Tempo', 'Gemeinsam ansehen']) {
      const button = page.getByRole('button', { name: menu, exact: true });
      const box = await button.boundingBox();
      const isWithin = box && box.x >= 0 && box.x + box.width <= size.width;
      expect(isWithin, `${menu} is within the window of a ${name}`).toBe(true);
      await button.click();
      // One can be asked for more than a choice.
      const open = page.getByRole(menu === 'Gemeinsam ansehen' ? 'dialog' : 'menu');
      await open.waitFor();
      const { x = 0, width = 0 } = (await open.boundingBox()) ?? {};
      expect(x >= 0 && x + width <= size.width, `${menu} opens within`).toBe(true);
      await audit(page, `player-${menu.split(' ')[0]?.toLowerCase()}-de-${name}`);
      await page.keyboard.press('Escape');
      await open.waitFor({ state: 'detached' });
    }
    await page.keyboard.press('i');
    await page
      .getByRole('region', { name: 'Statistik' })
      .getByText(/keinen Decoder/)
      .waitFor();
    await audit(page, `player-statistics-de-${name}`);
  }
  for (const [name, path] of [
    ['account', '/settings/account'],
    ['playing', '/settings/playing'],
    ['libraries', '/settings/libraries'],
  ] as const) {
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await page.waitForLoadState('networkidle');
    await audit(page, `${name}-de-phone`);
  }
  await page.setViewportSize(LAPTOP);
});
