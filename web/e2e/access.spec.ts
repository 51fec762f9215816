import { expect, test } from 'vitest';
import { audit, openWindow } from './support/browser';
import { journey } from './support/journey';
import { addShows, openLibrary, setUpWithFilms, signIn } from './support/people';

const here = journey();
const GUEST = { name: 'Mika', password: 'nine lives of a cat' };

test('a person with one library sees nothing of the other', async () => {
  const { page, browser, server } = here;
  await setUpWithFilms(page);
  await addShows(page);
  await openLibrary(page, 'Shows');
  const show = page.getByRole('main').getByRole('listitem').getByRole('link').first();
  const showPath = await show.getAttribute('href');
  const showTitle = (await show.locator('.font-medium').textContent()) ?? '';

  await page.goto('/settings/people');
  await page.getByRole('button', { name: 'Add person' }).click();
  const form = page.getByRole('dialog', { name: 'Add person' });
  await form.getByLabel('Name').fill(GUEST.name);
  await form.getByLabel('Password', { exact: true }).fill(GUEST.password);
  await form.getByRole('switch', { name: /All libraries/ }).click();
  await form.getByRole('checkbox', { name: 'Films' }).click();
  await audit(page, 'add-person');
  await form.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: /Mika.*1 library/ }).waitFor();

  const [, guest] = await openWindow(browser, server.url);
  await guest.goto('/');
  await signIn(guest, GUEST.name, GUEST.password);
  await guest.getByRole('heading', { name: 'Latest in Films' }).waitFor();
  const navigation = guest.getByRole('navigation', { name: 'Main navigation' });
  await navigation.getByRole('link', { name: 'Films' }).waitFor();
  expect(await navigation.getByRole('link', { name: 'Shows' }).count()).toBe(0);
  expect(await guest.getByText(showTitle, { exact: true }).count()).toBe(0);

  await guest.goto(showPath ?? '');
  await guest.getByRole('heading', { name: 'Nothing here' }).waitFor();
  await guest.goto(`/search?q=${encodeURIComponent(showTitle)}`);
  await guest.getByText(/Nothing found/).waitFor();

  await guest.goto('/settings/people');
  await guest.getByRole('heading', { name: 'Not for this account' }).waitFor();
  await audit(guest, 'forbidden');
});
