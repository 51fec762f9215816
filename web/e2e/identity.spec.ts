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
  // The journeys run on the machine itself, so the browser is its own proxy.
  const trusted_header = { header: 'Remote-User', proxies: ['127.0.0.1/32'], create: true };
  return house.settings({ trusted_header });
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

test('who is invited comes by the provider, without a password', async () => {
  const [window, owner] = await openWindow(here.browser, here.url);
  await owner.goto('/');
  await signIn(owner, OWNER);
  await owner
    .getByRole('button', { name: /Account: Robin/ })
    .first()
    .waitFor();
  const roles = await call<{ items: { id: string; built_in: string }[] }>(owner, 'GET', '/roles');
  const { token } = await call<{ token: string }>(owner, 'POST', '/invitations', {
    role_id: roles.items.find((it) => it.built_in === 'guest')?.id,
    max_uses: 1,
    expires_at: new Date(Date.now() + 86_400_000).toISOString(),
  });
  await window.close();

  const [other, page] = await openWindow(here.browser, here.url);
  await page.goto(`/join#${token}`);
  await page.getByRole('button', { name: 'Sign in with Home' }).waitFor();
  await audit(page, 'join-provider');
  await page.setViewportSize({ width: 390, height: 844 });
  await audit(page, 'join-provider-phone');
  await page.setViewportSize({ width: 1366, height: 768 });
  await page.getByRole('button', { name: 'Sign in with Home' }).click();
  await sayWho(page, 'Zora', 'strangers');
  await page
    .getByRole('button', { name: /Account: Zora/ })
    .first()
    .waitFor();
  expect(await call<object>(page, 'GET', '/me')).toMatchObject({ name: 'Zora', role: 'Guest' });
  await other.close();
});

test('whom a proxy signed in goes on as who it says they are', async () => {
  const [window, page] = await openWindow(here.browser, here.url);
  await window.setExtraHTTPHeaders({ 'Remote-User': 'Petra' });
  await page.goto('/sign-in?next=/settings/account');
  await page.getByRole('button', { name: 'Go on as Petra' }).waitFor();
  await audit(page, 'sign-in-proxy');
  await page.getByRole('button', { name: 'Go on as Petra' }).click();
  await page
    .getByRole('button', { name: /Account: Petra/ })
    .first()
    .waitFor();
  expect(await call<object>(page, 'GET', '/me')).toMatchObject({ name: 'Petra', role: 'Member' });
  await window.close();
});
