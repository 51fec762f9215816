import { expect, test } from 'vitest';
import { audit, openWindow } from './support/browser';
import { journey } from './support/journey';
import { addPerson, enter, openLibrary } from './support/people';

const here = journey();
const GUEST = { name: 'Mika', password: 'nine lives of a cat' };

test('a person with one library sees nothing of the other', async () => {
  const { page, browser, url } = here;
  await enter(page);
  await openLibrary(page, 'Shows');
  const show = page.getByRole('main').getByRole('listitem').getByRole('link').first();
  const showPath = await show.getAttribute('href');
  const showTitle = (await show.locator('.font-medium').textContent()) ?? '';

  await addPerson(page, GUEST, async (form) => {
    await form.getByRole('switch', { name: /All libraries/ }).click();
    await form.getByRole('checkbox', { name: 'Films' }).click();
    await audit(page, 'add-person');
  });
  await page.getByRole('button', { name: /Mika.*1 library/ }).waitFor();

  const [, guest] = await openWindow(browser, url);
  await enter(guest, GUEST);
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
