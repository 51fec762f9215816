import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { audit, openWindow } from './support/browser';
import { call, findItem } from './support/call';
import { journey } from './support/journey';
import { addPerson, enter } from './support/people';

const here = journey();
const CHILD = { name: 'Nele', password: 'seven geese on a pond' };
const DAY_MS = 86_400_000;

let childId = '';
afterAll(async () => {
  if (childId) await call(here.page, 'DELETE', `/people/${childId}`);
});

test('outside of their hours somebody is told when to come back', async () => {
  const { page, browser, url } = here;
  await enter(page);
  await addPerson(page, CHILD, () => Promise.resolve());
  const people = await call<{ items: { id: string; name: string }[] }>(page, 'GET', '/people');
  childId = people.items.find((it) => it.name === CHILD.name)?.id ?? '';
  const [, child] = await openWindow(browser, url);
  await enter(child, CHILD);

  // A day that is not today, in any time zone.
  const later = new Date(Date.now() + 3 * DAY_MS);
  const day = later.toLocaleDateString('en-GB', { weekday: 'long' });
  const form = await openForm(page);
  await form.getByRole('button', { name: 'Add hours' }).click();
  await form.getByRole('combobox', { name: /^Days:/ }).click();
  await page.getByRole('option', { name: day, exact: true }).click();
  await form.getByLabel('From', { exact: true }).fill('09:30');
  await form.getByLabel('Until', { exact: true }).fill('01:00');
  await form.getByText('Ends on the next day.').scrollIntoViewIfNeeded();
  await audit(page, 'hours-form');
  await page.setViewportSize({ width: 390, height: 844 });
  await form.getByText('Ends on the next day.').scrollIntoViewIfNeeded();
  await audit(page, 'hours-form-phone');
  await page.setViewportSize({ width: 1366, height: 768 });
  await form.getByRole('button', { name: 'Save' }).click();
  await form.waitFor({ state: 'hidden' });

  // The page that is open learns of it by itself.
  await child.getByRole('heading', { name: 'That is it for now' }).waitFor();
  await child.getByText(new RegExp(`Come back on ${day} at`)).waitFor();
  await audit(child, 'hours-over');
  await child.setViewportSize({ width: 390, height: 844 });
  await audit(child, 'hours-over-phone');
  await child.setViewportSize({ width: 1366, height: 768 });
  await child.goto('/settings');
  await child.getByRole('heading', { name: 'That is it for now' }).waitFor();
  await child.context().close();

  const again = await openForm(page);
  await again.getByRole('button', { name: /^Remove/ }).click();
  await again.getByRole('button', { name: 'Save' }).click();
  await again.waitFor({ state: 'hidden' });
  const [, back] = await openWindow(browser, url);
  await enter(back, CHILD);
  await back.context().close();
});

test('a film says that the hours are nearly over, and ends with them', async () => {
  const { page, browser, url } = here;
  const [, child] = await openWindow(browser, url);
  await enter(child, CHILD);
  const film = await findItem(page, 'Slow River');
  await giveHours(page, hoursUntil(Date.now() + 3 * 60_000));
  await child.goto(`/watch/${film}`);
  await child.getByText(/Your time here ends at/).waitFor();
  await child.getByRole('slider').first().waitFor();
  await audit(child, 'hours-ending');
  await giveHours(page, hoursUntil(Date.now() - 60_000));
  await child.getByRole('heading', { name: 'That is it for now' }).waitFor();
  expect(new URL(child.url()).pathname).toBe('/closed');
});

const openForm = async (page: Page) => {
  await page.goto('/settings/people');
  await page.getByRole('button', { name: /Nele/ }).last().click();
  const form = page.getByRole('dialog');
  await form.getByRole('button', { name: 'Save' }).waitFor();
  return form;
};

const giveHours = (page: Page, hours: object[]) =>
  call(page, 'PATCH', `/people/${childId}`, { parental: { hours } });

/** Every day, for the twenty hours before this moment; by the clock of this machine, which the server has too. */
function hoursUntil(end: number): object[] {
  const minute = (at: number) => {
    const time = new Date(at);
    return time.getHours() * 60 + time.getMinutes();
  };
  const from_minute = minute(end - 20 * 3_600_000);
  const until_minute = minute(end) || 1440;
  const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
  return days.map((weekday) => ({ weekday, from_minute, until_minute }));
}
