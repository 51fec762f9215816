import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { audit, openWindow } from './support/browser';
import { call } from './support/call';
import { journey } from './support/journey';
import { addPerson, enter, signIn } from './support/people';

const here = journey();
const PARENT = { name: 'Wanda', password: 'a lantern in the fog' };
const CHILD = { name: 'Piet', password: 'four ducks and a boat' };
const PIN = '2468';

afterAll(async () => {
  const people = await call<{ items: { id: string; name: string }[] }>(
    here.page,
    'GET',
    '/people?limit=500',
  );
  for (const { id, name } of people.items) {
    if ([PARENT.name, CHILD.name].includes(name)) await call(here.page, 'DELETE', `/people/${id}`);
  }
});

test('people who share a device go from one to another', async () => {
  const { page, browser, url } = here;
  await enter(page);
  await addPerson(page, PARENT, () => Promise.resolve());
  await addPerson(page, CHILD, () => Promise.resolve());

  const [, tv] = await openWindow(browser, url);
  await enter(tv, PARENT);
  await stay(tv);
  await tv.goto('/settings/security');
  await tv.getByLabel('PIN', { exact: true }).fill(PIN);
  await tv.getByRole('button', { name: 'Set a PIN' }).click();
  await tv.getByRole('button', { name: 'Change the PIN' }).waitFor();
  await tv.getByRole('heading', { name: 'PIN for switching' }).scrollIntoViewIfNeeded();
  await audit(tv, 'pin-panel');

  // The child signs in beside the parent, who stays.
  await tv.goto('/profiles');
  await tv.getByRole('link', { name: 'Somebody else' }).click();
  await signIn(tv, CHILD);
  await arrived(tv, CHILD.name);
  await stay(tv);
  await audit(tv, 'profiles');
  await tv.setViewportSize({ width: 390, height: 844 });
  await audit(tv, 'profiles-phone');

  await tv.getByRole('button', { name: new RegExp(PARENT.name) }).click();
  const form = tv.getByRole('dialog', { name: `PIN of ${PARENT.name}` });
  await form.getByLabel('PIN', { exact: true }).fill('1111');
  await form.getByRole('button', { name: 'Go on' }).click();
  await form.getByText('That is not the PIN.').waitFor();
  await audit(tv, 'profiles-pin-phone');
  await tv.setViewportSize({ width: 1366, height: 768 });
  await audit(tv, 'profiles-pin');
  await form.getByLabel('PIN', { exact: true }).fill(PIN);
  await form.getByRole('button', { name: 'Go on' }).click();
  await arrived(tv, PARENT.name);

  // Back to the child one does not come without a PIN, which the child never allowed.
  await tv.goto('/profiles');
  const child = tv.getByRole('button', { name: new RegExp(CHILD.name) });
  await child.waitFor();
  expect(await child.isDisabled()).toBe(true);
});

/** Stays on the device, from the menu of the account. */
async function stay(page: Page) {
  await page.getByRole('button', { name: /^Account:/ }).click();
  await page.getByRole('menuitem', { name: 'Switch profile' }).click();
  await page.getByRole('heading', { name: 'Who is watching?' }).waitFor();
  const kept = page.getByRole('switch', { name: 'Stay on this device' });
  await kept.click();
  await page.waitForFunction(
    () => document.querySelector('[role="switch"]')?.getAttribute('aria-checked') === 'true',
  );
}

const arrived = (page: Page, name: string) =>
  page.getByRole('button', { name: `Account: ${name}` }).waitFor();
