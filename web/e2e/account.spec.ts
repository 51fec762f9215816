import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { audit, openWindow } from './support/browser';
import { call } from './support/call';
import { journeyFromNothing } from './support/journey';
import { createOwner, giveRole, signIn } from './support/people';
import { codeOf } from './support/totp';

const here = journeyFromNothing();
const MONA = { name: 'Mona', password: 'a kite over the dunes' };

/** Looks at the page in both widths. */
async function look(page: Page, name: string) {
  await audit(page, name);
  await page.setViewportSize({ width: 390, height: 844 });
  await audit(page, `${name}-phone`);
  await page.setViewportSize({ width: 1366, height: 768 });
}

/** A picture of 64 by 64 pixels, drawn by the page. */
const drawn = (page: Page) =>
  page.evaluate(async () => {
    const canvas = new OffscreenCanvas(64, 64);
    const pen = canvas.getContext('2d');
    if (!pen) throw new Error('no canvas');
    pen.fillStyle = 'teal';
    pen.fillRect(0, 0, 64, 64);
    pen.fillStyle = 'gold';
    pen.fillRect(16, 16, 32, 32);
    const blob = await canvas.convertToBlob({ type: 'image/png' });
    return [...new Uint8Array(await blob.arrayBuffer())];
  });

test('whose role demands a second factor sets one up before anything else', async () => {
  const { page } = here;
  await createOwner(page);
  await page.goto('/settings/roles');
  await page.getByRole('button', { name: 'Edit: Member' }).click();
  const form = page.getByRole('dialog', { name: 'Member' });
  await form.getByRole('switch', { name: 'Second factor demanded' }).click();
  await look(page, 'role-demands-factor');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.waitFor({ state: 'hidden' });
  await page.getByText('Second factor demanded').waitFor();
  await page.goto('/settings/people');
  await page.getByRole('button', { name: 'Add person' }).click();
  const person = page.getByRole('dialog', { name: 'Add person' });
  await person.getByLabel('Name').fill(MONA.name);
  await person.getByLabel('Password', { exact: true }).fill(MONA.password);
  await giveRole(page, person, 'Member');
  await person.getByRole('button', { name: 'Save' }).click();
  await person.waitFor({ state: 'hidden' });

  const [window, hers] = await openWindow(here.browser, here.url);
  await hers.goto('/sign-in?next=/settings/account');
  await signIn(hers, MONA);
  await hers.getByRole('heading', { name: 'One thing first' }).waitFor();
  await look(hers, 'demanded-factor');
  await hers.goto('/');
  await hers.getByRole('heading', { name: 'One thing first' }).waitFor();
  await hers.getByRole('button', { name: 'Set up an app' }).click();
  const setup = hers.getByRole('dialog', { name: 'Set up an app' });
  const key = (await setup.locator('.select-all').textContent()) ?? '';
  await setup.getByLabel('Code of the app').fill(codeOf(key));
  await setup.getByRole('button', { name: 'Turn on' }).click();
  const codes = hers.getByRole('dialog', { name: 'Recovery codes' });
  await codes.getByRole('button', { name: 'I have kept them' }).click();
  await hers
    .getByRole('button', { name: /Account: Mona/ })
    .first()
    .waitFor();

  await hers.goto('/settings/account');
  await hers.getByText('Choose a picture').waitFor();
  await hers.locator('input[type=file]').setInputFiles({
    name: 'mona.png',
    mimeType: 'image/png',
    buffer: Buffer.from(await drawn(hers)),
  });
  await hers.locator('img[src*="/me/avatar"]').first().waitFor();
  await look(hers, 'avatar');
  await page.reload();
  await page.locator('img[src*="/avatar"]').waitFor();
  await look(page, 'people-avatar');

  await hers.getByRole('button', { name: 'Delete my account' }).click();
  const ask = hers.getByRole('alertdialog').or(hers.getByRole('dialog'));
  await ask.getByRole('button', { name: 'Delete my account' }).click();
  await hers.getByRole('heading', { name: 'Welcome back' }).waitFor();
  const { items } = await call<{ items: unknown[] }>(page, 'GET', '/people');
  expect(items).toHaveLength(1);
  await window.close();
});
