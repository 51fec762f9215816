import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { audit, openWindow } from './support/browser';
import { journey } from './support/journey';
import { enter, giveRole } from './support/people';

const here = journey();
const GUEST = { name: 'Ines', password: 'a kite over the dunes' };

test('who comes by a link may do what the role of the invitation allows', async () => {
  const { page, browser, url } = here;
  await enter(page);
  await composeRole(page);
  const link = await invite(page);

  const [, guest] = await openWindow(browser, url);
  await guest.goto(link);
  await guest.getByText('Robin invites you.', { exact: false }).waitFor();
  await audit(guest, 'join');
  await guest.getByLabel('Name').fill(GUEST.name);
  await guest.getByLabel('Password', { exact: true }).fill(GUEST.password);
  await guest.getByRole('button', { name: 'Create account' }).click();
  await guest
    .getByRole('heading', { name: /Latest in/ })
    .first()
    .waitFor();
  await guest.goto('/settings');
  const tabs = guest.getByRole('navigation', { name: 'Settings' }).getByRole('link');
  await tabs.first().waitFor();
  expect(await tabs.allTextContents()).toEqual([
    'Account',
    'Security',
    'Now playing',
    'Review',
    'API keys',
  ]);
  await makeKey(guest, url);

  const [, late] = await openWindow(browser, url);
  await late.goto(link);
  await late.getByRole('heading', { name: 'This invitation is over' }).waitFor();
  await audit(late, 'join-over');

  await page.goto('/settings/invitations');
  await page.getByText('1 of 1 came', { exact: false }).waitFor();
  await audit(page, 'settings-invitations');
  await page.getByRole('button', { name: 'Take back: For Ines' }).click();
  await page.getByRole('heading', { name: 'No invitations' }).waitFor();
});

async function composeRole(page: Page) {
  await page.goto('/settings/roles');
  await page.getByRole('heading', { name: 'Manager' }).waitFor();
  await page.getByRole('button', { name: 'Add role' }).click();
  const form = page.getByRole('dialog', { name: 'Add role' });
  await form.getByLabel('Name').fill('Editors');
  for (const name of ['Edit metadata', 'API keys']) {
    await form.getByRole('switch', { name }).click();
  }
  await audit(page, 'settings-role-form');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.waitFor({ state: 'hidden' });
  await page.getByRole('heading', { name: 'Editors' }).waitFor();
  await audit(page, 'settings-roles');
  await page.setViewportSize({ width: 390, height: 844 });
  await audit(page, 'settings-roles-phone');
  await page.setViewportSize({ width: 1366, height: 768 });
}

async function invite(page: Page): Promise<string> {
  await page.goto('/settings/invitations');
  await page.getByRole('button', { name: 'Invite' }).click();
  const form = page.getByRole('dialog', { name: 'Invite' });
  await form.getByLabel('Whom is it for?').fill('For Ines');
  await giveRole(page, form, 'Editors');
  await page.setViewportSize({ width: 390, height: 844 });
  await audit(page, 'settings-invitation-form-phone');
  await page.setViewportSize({ width: 1366, height: 768 });
  await form.getByRole('button', { name: 'Make link' }).click();
  const link = form.getByText('/join#', { exact: false });
  const address = await link.textContent();
  await audit(page, 'settings-invitation-made');
  await form.getByRole('button', { name: 'Done' }).click();
  return address?.trim() ?? '';
}

async function makeKey(page: Page, url: string) {
  await page.goto('/settings/keys');
  await page.getByRole('button', { name: 'New key' }).click();
  const form = page.getByRole('dialog', { name: 'New key' });
  await form.getByLabel('What is it for?').fill('Script');
  await form.getByRole('switch', { name: 'Edit metadata' }).click();
  await audit(page, 'settings-key-form');
  await form.getByRole('button', { name: 'Make key' }).click();
  const secret = (await form.getByText(/^revenge_/).textContent())?.trim() ?? '';
  await form.getByRole('button', { name: 'Done' }).click();
  const ask = (path: string) =>
    fetch(new URL(`/api/v1${path}`, url), { headers: { authorization: `Bearer ${secret}` } });
  expect((await ask('/review')).status).toBe(200);
  expect((await ask('/sessions')).status).toBe(403);
  await page.reload();
  await page.getByText(/Used .*/).waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  await audit(page, 'settings-keys-phone');
  await page.setViewportSize({ width: 1366, height: 768 });
}
