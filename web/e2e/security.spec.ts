import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { call } from './support/call';
import { audit, openWindow } from './support/browser';
import { journeyFromNothing } from './support/journey';
import { OWNER, signIn } from './support/people';
import { codeOf } from './support/totp';

const here = journeyFromNothing();

async function signOut(page: Page) {
  await page
    .getByRole('button', { name: /Account: / })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
}

const atHome = (page: Page) =>
  page
    .getByRole('button', { name: /Account: / })
    .first()
    .waitFor();

const PHONE = { width: 390, height: 844 };
const LAPTOP = { width: 1366, height: 768 };

/** Looks at the page in both widths. */
async function look(page: Page, name: string) {
  await audit(page, name);
  await page.setViewportSize(PHONE);
  await audit(page, `${name}-phone`);
  await page.setViewportSize(LAPTOP);
}

test('an authenticator app is set up, asked for, replaced by a recovery code, and turned off', async () => {
  const { page } = here;
  // By name: browsers make passkeys for no number.
  await page.goto(here.url.replace('127.0.0.1', 'localhost'));
  await call(page, 'POST', '/setup', OWNER);
  await page.goto(`${new URL(page.url()).origin}/settings/security`);
  await page.getByRole('button', { name: 'Set up an app' }).click();
  const setup = page.getByRole('dialog', { name: 'Set up an app' });
  await setup.getByRole('img', { name: 'QR code with the key' }).waitFor();
  await look(page, 'totp');
  const key = (await setup.locator('.select-all').textContent()) ?? '';
  await setup.getByLabel('Code of the app').fill('000000');
  await setup.getByRole('button', { name: 'Turn on' }).click();
  await setup.getByText('That is not the code of this moment').waitFor();
  await setup.getByLabel('Code of the app').fill(codeOf(key));
  await setup.getByRole('button', { name: 'Turn on' }).click();
  const codes = page.getByRole('dialog', { name: 'Recovery codes' });
  await codes.waitFor();
  const recovery = await codes.getByRole('listitem').allTextContents();
  expect(recovery).toHaveLength(10);
  await look(page, 'recovery-codes');
  await codes.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByText('10 codes left').waitFor();
  await look(page, 'security');

  await signOut(page);
  await signIn(page);
  await page.getByRole('heading', { name: 'One more step' }).waitFor();
  await look(page, 'second-step');
  await page.getByLabel('Code', { exact: true }).fill('000000');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('alert').getByText('That is not right').waitFor();
  // The code of now was used to turn it on.
  await page.getByLabel('Code', { exact: true }).fill(codeOf(key, 1));
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await atHome(page);

  await signOut(page);
  await signIn(page);
  await page.getByRole('button', { name: 'Use a recovery code' }).click();
  await page.getByLabel('Recovery code').fill(recovery[0] ?? '');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await atHome(page);
  await page.goto(`${new URL(page.url()).origin}/settings/security`);
  await page.getByText('9 codes left').waitFor();

  await page.getByRole('button', { name: 'Turn off' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Turn off' }).click();
  await page.getByRole('button', { name: 'Set up an app' }).waitFor();
});

test('a passkey is made, named, and signs in with and without the password', async () => {
  const { page } = here;
  const chromium = await page.context().newCDPSession(page);
  await chromium.send('WebAuthn.enable');
  await chromium.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  const codes = page.getByRole('dialog', { name: 'Recovery codes' });
  await codes.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByRole('button', { name: /^Rename: Chrome on/ }).click();
  const rename = page.getByRole('dialog', { name: 'Rename' });
  await rename.getByLabel('Name').fill('My laptop');
  await rename.getByRole('button', { name: 'Save' }).click();
  await page.getByText('My laptop').waitFor();
  await look(page, 'passkeys');

  await signOut(page);
  await look(page, 'sign-in-passkey');
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await atHome(page);

  await signOut(page);
  await signIn(page);
  await page.getByRole('heading', { name: 'One more step' }).waitFor();
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await atHome(page);

  await page.goto(`${new URL(page.url()).origin}/settings/security`);
  await page.getByRole('button', { name: 'Remove: My laptop' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('My laptop').waitFor({ state: 'detached' });
  await signOut(page);
  await signIn(page);
  await atHome(page);
});

test('a television is let in by the code it shows, its session is told of, and all is written down', async () => {
  const { browser, page } = here;
  const origin = new URL(page.url()).origin;
  const [window, tv] = await openWindow(browser, origin);
  await tv.goto('/');
  await tv.getByRole('button', { name: 'Use a device that is signed in' }).click();
  const shown = tv.getByLabel(/^Code: /);
  await shown.waitFor();
  await look(tv, 'quick-connect');
  const code = ((await shown.textContent()) ?? '').trim();

  await page.goto(`${origin}/settings/security`);
  await page.getByLabel('Code', { exact: true }).fill('AAAAAA');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('No device shows that code').waitFor();
  await page.getByLabel('Code', { exact: true }).fill(code.toLowerCase());
  await page.getByRole('button', { name: 'Continue' }).click();
  const ask = page.getByRole('alertdialog', { name: 'Sign this device in?' });
  await ask.waitFor();
  await look(page, 'quick-connect-confirm');
  await ask.getByRole('button', { name: 'Sign it in' }).click();
  await atHome(tv);
  await page.getByText('A new device signed in: Chrome on').waitFor();

  await page.goto(`${origin}/settings/account`);
  await page.getByRole('button', { name: 'End all others' }).waitFor();
  await look(page, 'sessions');
  await page.getByRole('button', { name: 'End all others' }).click();
  const sure = page.getByRole('alertdialog');
  await sure.getByRole('button', { name: 'End all others' }).click();
  await sure.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'End all others' }).waitFor({ state: 'detached' });
  await tv.reload();
  await tv.getByRole('heading', { name: 'Welcome back' }).waitFor();
  await window.close();

  await page.goto(`${origin}/settings/audit`);
  await page.getByText('Ended all other sessions').first().waitFor();
  await page.getByText('Passkey added').first().waitFor();
  await look(page, 'audit');
  await page.getByRole('combobox', { name: /^Act: / }).click();
  await page.getByRole('option', { name: 'Failed at the second step' }).click();
  await page.waitForURL(/action=second_factor_failed/);
  await page.getByText('Ended all other sessions').waitFor({ state: 'detached' });
  await page.getByText('Failed at the second step').last().waitFor();
});
