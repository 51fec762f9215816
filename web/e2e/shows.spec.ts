import { expect, test } from 'vitest';
import { audit } from './support/browser';
import { journey } from './support/journey';
import { enter, openLibrary } from './support/people';

const here = journey();

test('a show leads to its season, and a watched episode to the next one', async () => {
  const { page } = here;
  await enter(page);
  await openLibrary(page, 'Shows');
  await page
    .getByRole('main')
    .getByRole('link', { name: /Tidewater Station/ })
    .first()
    .click();
  await page.getByRole('heading', { name: 'Seasons' }).waitFor();
  await audit(page, 'series');

  await page.getByRole('link', { name: /Season 1/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Season 1' }).waitFor();
  await page.getByRole('link', { name: 'Play S1 E1' }).waitFor();
  await audit(page, 'season');

  const first = page.getByRole('main').getByRole('listitem').first();
  await first.getByRole('button', { name: /Actions/ }).click();
  await page.getByRole('menuitem', { name: 'Mark as watched' }).click();
  await first.getByRole('img', { name: 'Watched' }).waitFor();

  await page.getByRole('link', { name: 'Play S0 E1' }).waitFor();
  await page.goto('/');
  await page.getByRole('heading', { name: 'Next up' }).waitFor();
  await audit(page, 'next-up');
});

test('what is no part of a series is split off', async () => {
  const { page } = here;
  await openLibrary(page, 'Shows');
  await page
    .getByRole('main')
    .getByRole('link', { name: /Small Hours/ })
    .first()
    .click();
  await page.getByRole('heading', { level: 1, name: 'Small Hours' }).waitFor();
  const whole = page.url();
  await page.getByRole('button', { name: 'Actions: ' }).click();
  await page.getByRole('menuitem', { name: 'Split apart' }).click();
  const dialog = page.getByRole('dialog', { name: 'Split apart' });
  await dialog.getByRole('checkbox', { name: /closing\.time/ }).click();
  await audit(page, 'split-series');
  await dialog.getByRole('button', { name: 'Split', exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByText('Split. Say now what this is.').waitFor();
  expect(page.url()).not.toContain(new URL(whole).pathname);
  await page.getByRole('link', { name: /Season 1/ }).click();
  await page.getByRole('link', { name: 'Closing Time', exact: false }).first().waitFor();
  expect(await page.getByRole('main').getByRole('listitem').count()).toBe(1);
});
