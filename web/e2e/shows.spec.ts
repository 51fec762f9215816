import { test } from 'vitest';
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

  await page.getByRole('link', { name: /Play S1 E[2-9]/ }).waitFor();
  await page.goto('/');
  await page.getByRole('heading', { name: 'Next up' }).waitFor();
  await audit(page, 'next-up');
});
