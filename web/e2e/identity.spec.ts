import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { audit, openWindow } from './support/browser';
import { call } from './support/call';
import { IdentityHouse } from './support/identity-house';
import { journeyFromNothing } from './support/journey';
import { createOwner, OWNER, signIn } from './support/people';

let house: IdentityHouse;
const here = journeyFromNothing(async () => {
  house = await IdentityHouse.start();
  return house.settings();
});
afterAll(() => house?.stop());

/** Says at the provider who one is. */
async function sayWho(page: Page, login: string, groups: string): Promise<void> {
  await page.waitForURL(/\/interaction\//);
  await page.getByLabel('Login').fill(login);
  await page.getByLabel('Groups').fill(groups);
  await page.getByRole('button', { name: 'Go on' }).click();
}

async function leave(page: Page): Promise<void> {
  const menu = page.getByRole('button', { name: /Account: / });
  await menu.first().click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
}

test('somebody comes by a provider, gets an account, and signs out of both', async () => {
  await createOwner(here.page);
  const [window, page] = await openWindow(here.browser, here.url);
  await page.goto('/sign-in?next=/settings/account');
  await page.getByRole('button', { name: 'Sign in with Home' }).waitFor();
  await audit(page, 'sign-in-provider');
  await page.setViewportSize({ width: 390, height: 844 });
  await audit(page, 'sign-in-provider-phone');
  await page.setViewportSize({ width: 1366, height: 768 });
  await page.getByRole('button', { name: 'Sign in with Home' }).click();
  await sayWho(page, 'Mona', 'family');
  await page.waitForURL('**/settings/account');
  const me = await call<{ name: string; role: string }>(page, 'GET', '/me');
  expect(me).toMatchObject({ name: 'Mona', role: 'Member' });
  await page.getByText('You have no password here yet').waitFor();

  await leave(page);
  // The provider asks before it signs anybody out.
  await page.waitForURL(/\/session\/end/);
  await page.getByRole('button', { name: /Yes/ }).click();
  await page.getByRole('heading', { name: 'Welcome back' }).waitFor();

  await page.getByRole('button', { name: 'Sign in with Home' }).click();
  await sayWho(page, 'Nobody', 'strangers');
  await page.getByRole('heading', { name: 'That did not work' }).waitFor();
  await page.getByText('You have no account here that you may use').waitFor();
  await audit(page, 'sign-in-provider-refused');
  await window.close();
});

test('the owner connects an account at the provider and parts with it', async () => {
  const [window, page] = await openWindow(here.browser, here.url);
  await page.goto('/sign-in?next=/settings/security');
  await signIn(page, OWNER);
  await page.getByRole('button', { name: 'Connect Home' }).click();
  await sayWho(page, 'Robin of Home', '');
  await page.getByText('Robin of Home').waitFor();
  await audit(page, 'security-provider');
  await page.setViewportSize({ width: 390, height: 844 });
  await audit(page, 'security-provider-phone');
  await page.setViewportSize({ width: 1366, height: 768 });

  await leave(page);
  await page.getByRole('button', { name: 'Sign in with Home' }).click();
  await page
    .getByRole('button', { name: /Account: Robin/ })
    .first()
    .waitFor();
  await page.goto('/settings/security');
  await page.getByRole('button', { name: 'Disconnect: Home' }).click();
  await page.getByRole('button', { name: 'Disconnect', exact: true }).click();
  await page.getByText('Robin of Home').waitFor({ state: 'hidden' });
  await window.close();
});
