import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { audit, openWindow } from './support/browser';
import { journey } from './support/journey';
import { addPerson, enter, giveRole } from './support/people';

const here = journey();
const ADMIN = { name: 'Noor', password: 'a lamp on an island' };

test('every settings page shows its state, and what is changed stays changed', async () => {
  const { page, browser, url } = here;
  await enter(page);
  await addPerson(page, ADMIN, (form) => giveRole(page, form, 'Administrator'));
  const [, own] = await openWindow(browser, url);
  await goThrough(own);
});

async function goThrough(page: Page) {
  await enter(page, ADMIN);

  await page.goto('/settings');
  await page.getByText('This device').waitFor();
  await audit(page, 'settings-account');
  await page.getByRole('radio', { name: 'Light' }).click();
  await audit(page, 'settings-light');
  await page.getByRole('radio', { name: 'Dark' }).click();
  await page.getByRole('radio', { name: 'Deutsch' }).click();
  await page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
  await page.getByRole('radio', { name: 'English' }).click();

  await page.getByLabel('Current password').fill('not the password');
  await page.getByLabel('New password').fill('another long password');
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('The current password is wrong.').waitFor();
  await page.getByLabel('Current password').fill(ADMIN.password);
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText(/Password changed/).waitFor();

  const tab = (name: string) =>
    page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name });
  await tab('Libraries').click();
  await page.getByRole('button', { name: 'Scan now' }).first().click();
  await page.getByText('Scan started').waitFor();
  await audit(page, 'settings-libraries');

  await tab('People').click();
  await page
    .getByRole('button', { name: new RegExp(ADMIN.name) })
    .last()
    .waitFor();
  await audit(page, 'settings-people');

  await tab('Jobs').click();
  await page.getByRole('radio', { name: 'Done' }).click();
  await page.getByRole('main').getByText('Scan a library').first().waitFor();
  await audit(page, 'settings-jobs');
  await pauseAndPlan(page);

  await tab('System').click();
  await page.getByText('PostgreSQL', { exact: false }).first().waitFor();
  await audit(page, 'settings-system');
}

/** A queue stands still and goes on; a backup gets a time of its own, and work is done at once. */
async function pauseAndPlan(page: Page) {
  await page.getByRole('button', { name: 'Pause: At leisure' }).click();
  await page.getByText('Paused').waitFor();
  await page.getByRole('button', { name: 'Go on: At leisure' }).click();
  await page.getByText('Paused').waitFor({ state: 'detached' });

  await page.getByRole('radio', { name: 'Schedules' }).click();
  await page.getByRole('button', { name: 'Change: Make a backup' }).click();
  const dialog = page.getByRole('dialog', { name: 'Make a backup' });
  await dialog.getByText('Usually: on request only.').waitFor();
  await dialog.getByRole('radio', { name: 'At times of day' }).click();
  await dialog.getByLabel('Cron expression').fill('at tea time');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText(/not a schedule/).waitFor();
  await dialog.getByLabel('Cron expression').fill('30 4 * * *');
  await audit(page, 'settings-schedule');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('30 4 * * * (UTC)').waitFor();
  await audit(page, 'settings-schedules');

  await page.getByRole('button', { name: 'Change: Make a backup' }).click();
  await dialog.getByRole('button', { name: 'As usual' }).click();
  await page.getByText('30 4 * * * (UTC)').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Run now: Forget old sessions' }).click();
  await page.getByText('Put on the queue').waitFor();

  const heavy = page.getByRole('group', { name: 'Hours of heavy work' });
  await heavy.getByRole('button', { name: 'Add hours' }).click();
  await heavy.getByLabel('From').fill('01:00');
  await heavy.getByLabel('Until').fill('06:00');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved').waitFor();
  await page.reload();
  await heavy.waitFor();
  expect(await heavy.getByLabel('Until').inputValue()).toBe('06:00');
  await audit(page, 'settings-heavy-hours');
}
