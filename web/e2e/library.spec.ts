import { expect, test } from 'vitest';
import { audit } from './support/browser';
import { journey } from './support/journey';
import { enter, openLibrary } from './support/people';

const here = journey();

test('a library is sorted, filtered, searched and opened', async () => {
  const { page } = here;
  await enter(page);
  await openLibrary(page, 'Films');

  const titles = () =>
    page.getByRole('main').locator('article a div.font-medium').allTextContents();
  await expect.poll(async () => (await titles()).length).toBeGreaterThan(1);
  const ascending = await titles();

  await page.getByRole('button', { name: 'Ascending' }).click();
  await expect.poll(titles).toEqual([...ascending].reverse());
  expect(page.url()).toContain('direction=desc');

  await page.getByRole('radio', { name: 'Favourites' }).click();
  await page.getByText('Nothing matches').waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect.poll(titles).toEqual(ascending);

  const [wanted = ''] = ascending;
  await page.goto('/search');
  await page.getByRole('combobox', { name: 'Search' }).fill(wanted.slice(0, 4));
  await page
    .getByRole('main')
    .getByRole('link', { name: new RegExp(escape(wanted)) })
    .first()
    .click();
  await page.getByRole('heading', { level: 1, name: wanted }).waitFor();

  await page.getByRole('button', { name: 'Add to favourites' }).click();
  await page.getByRole('button', { name: 'Take out of favourites' }).waitFor();
  await audit(page, 'film');
  await page.goto('/favourites');
  await page
    .getByRole('link', { name: new RegExp(escape(wanted)) })
    .first()
    .waitFor();
  await audit(page, 'favourites');

  await page.goto('/movies/00000000-0000-7000-8000-000000000000');
  await page.getByRole('heading', { name: 'Nothing here' }).waitFor();
  await audit(page, 'not-found');
});

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
