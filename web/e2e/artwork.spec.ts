import { expect, test } from 'vitest';
import { audit } from './support/browser';
import { journey } from './support/journey';
import { enter, openLibrary } from './support/people';

const here = journey();

/** A picture that only the browser knows: `color` all over. */
async function picture(color: string): Promise<Buffer> {
  const url = await here.page.evaluate((fill) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [200, 300];
    const pen = canvas.getContext('2d');
    if (pen) [pen.fillStyle] = [fill];
    pen?.fillRect(0, 0, canvas.width, canvas.height);
    return canvas.toDataURL('image/png');
  }, color);
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

test('a picture is uploaded, chosen, and given back to the server to choose', async () => {
  const { page } = here;
  await enter(page);
  await openLibrary(page, 'Films');
  await page.getByRole('main').locator('article a').first().click();
  const poster = page.locator('header img').first();
  await poster.waitFor();
  const before = await poster.getAttribute('src');

  await page.getByRole('button', { name: 'Actions: ' }).click();
  await page.getByRole('menuitem', { name: 'Choose artwork' }).click();
  const dialog = page.getByRole('dialog', { name: 'Choose artwork' });
  const pictures = dialog.getByRole('list', { name: 'Poster' });
  await pictures.waitFor();
  expect(page.url()).toContain('artwork=poster');
  const n = await pictures.getByRole('listitem').count();

  await dialog
    .locator('input[type=file]')
    .setInputFiles({ name: 'red.png', mimeType: 'image/png', buffer: await picture('#c02020') });
  const shown = pictures.getByRole('button', { pressed: true });
  await expect.poll(() => shown.getAttribute('aria-label')).toContain('Uploaded, 200 × 300');
  await dialog.getByText('You chose this picture').waitFor();
  await expect.poll(() => poster.getAttribute('src')).not.toBe(before);
  await audit(page, 'artwork');

  await dialog
    .locator('input[type=file]')
    .setInputFiles({ name: 'page.png', mimeType: 'image/png', buffer: Buffer.from('<html>') });
  await page.getByText('not a JPEG, PNG, WebP or GIF picture').waitFor();

  // By keyboard: the one the server had chosen, in its locked place.
  await pictures.getByRole('button', { name: /Show picture 2/ }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => shown.getAttribute('aria-label')).not.toContain('Uploaded');
  await expect.poll(() => poster.getAttribute('src')).not.toContain('undefined');

  await pictures.getByRole('button', { name: /Delete picture/ }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await expect.poll(() => pictures.getByRole('listitem').count()).toBe(n);
  await dialog.getByRole('button', { name: 'Let the server choose' }).click();
  await dialog.getByText('You chose this picture').waitFor({ state: 'hidden' });
  await expect.poll(() => poster.getAttribute('src')).toBe(before);

  await dialog.getByRole('radio', { name: /^Banner/ }).click();
  await dialog.getByText('No picture yet').waitFor();
  expect(page.url()).toContain('artwork=banner');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  expect(page.url()).not.toContain('artwork');
});
