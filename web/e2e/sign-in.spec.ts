import { expect, test } from 'vitest';
import { audit } from './support/browser';
import { journey } from './support/journey';
import { enter, OWNER, signIn } from './support/people';

const here = journey();

test('a wrong password is refused, the right one leads back, and sign-out locks the door', async () => {
  const { page } = here;
  await enter(page);
  await page
    .getByRole('button', { name: /Account: / })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
  await audit(page, 'sign-in');

  await page.goto('/settings/system');
  await page.waitForURL(/\/sign-in\?next=/);
  await signIn(page, { ...OWNER, password: 'not the password' });
  await page.getByRole('alert').getByText('Name or password is wrong').waitFor();
  await audit(page, 'sign-in-refused');

  await signIn(page);
  await page.waitForURL('**/settings/system');

  await page
    .getByRole('button', { name: /Account: / })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
  await page.goto('/');
  await page.waitForURL(/\/sign-in/);
  const status = await page.evaluate(async () => (await fetch('/api/v1/home')).status);
  expect(status).toBe(401);
});
