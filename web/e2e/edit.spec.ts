import { expect, test } from 'vitest';
import { audit } from './support/browser';
import { journey } from './support/journey';
import { enter, openLibrary } from './support/people';

const here = journey();

test('an edit is locked, shown in the history and taken back', async () => {
  const { page } = here;
  await enter(page);
  await openLibrary(page, 'Films');
  await page
    .getByRole('main')
    .getByRole('link', { name: /The Long Meridian/ })
    .first()
    .click();
  await page.getByRole('heading', { level: 1, name: 'The Long Meridian' }).waitFor();
  const form = page.getByRole('dialog', { name: 'Edit' });
  const openForm = async () => {
    await page.getByRole('button', { name: 'Actions: ' }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await form.getByRole('textbox', { name: 'Title', exact: true }).waitFor();
  };

  await openForm();
  await form.getByRole('textbox', { name: 'Title', exact: true }).fill('The Longest Meridian');
  await form.getByRole('button', { name: 'Locked: Title', exact: true }).waitFor();
  await form.getByRole('textbox', { name: 'Genres' }).fill('Drama, Sea');
  await form.getByRole('textbox', { name: 'Genres' }).press('Enter');
  await audit(page, 'edit');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.waitFor({ state: 'hidden' });
  await page.getByRole('heading', { level: 1, name: 'The Longest Meridian' }).waitFor();
  await page.getByRole('list', { name: 'Genres' }).getByRole('link', { name: 'Sea' }).waitFor();

  await page.reload();
  await openForm();
  const lock = form.getByRole('button', { name: 'Locked: Title', exact: true });
  expect(await lock.getAttribute('aria-pressed')).toBe('true');
  await form.getByRole('radio', { name: 'History' }).click();
  await form.getByRole('button', { name: 'Undo: Title' }).click();
  await form.getByText('Taken back').first().waitFor();
  await audit(page, 'edit-history');
  await form.getByRole('radio', { name: 'Sources' }).click();
  await form.getByRole('heading', { name: 'Names of files' }).waitFor();
  await audit(page, 'edit-sources');
  await form.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('heading', { level: 1, name: 'The Long Meridian' }).waitFor();

  // A lock taken off lets the sources have their word again.
  await openForm();
  await form.getByRole('button', { name: 'Locked: Genres' }).click();
  await form.getByRole('button', { name: 'Save' }).click();
  await form.waitFor({ state: 'hidden' });
  await page.getByRole('link', { name: 'Sea' }).waitFor({ state: 'detached' });
});
