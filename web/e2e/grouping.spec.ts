import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { audit } from './support/browser';
import { journeyFromNothing } from './support/journey';
import { addFilms, createOwner, openLibrary } from './support/people';

const here = journeyFromNothing();

const films = (page: Page) => page.getByRole('main').getByRole('link', { name: /Paper Mountains/ });

async function scanAgain(page: Page, nth: number): Promise<void> {
  await page.goto('/settings/libraries');
  await page.getByRole('button', { name: 'Scan now' }).click();
  await page.getByText('Scan started').waitFor();
  await page.goto('/settings/jobs?state=done');
  await page.getByText('Scan a library').nth(nth).waitFor({ timeout: 60_000 });
  await page.goto('/');
  await openLibrary(page, 'Films');
  await films(page).first().waitFor();
}

test('what was taken for one film is split in three presses, merged in three, and stays so', async () => {
  const { page } = here;
  await createOwner(page);
  await addFilms(page);
  await page.goto('/');
  await openLibrary(page, 'Films');
  await films(page).click();
  await page.getByRole('heading', { level: 1, name: 'Paper Mountains' }).waitFor();
  const whole = page.url();

  await page.getByRole('button', { name: 'Actions: ' }).click();
  await page.getByRole('menuitem', { name: 'Split apart' }).click();
  const splitting = page.getByRole('dialog', { name: 'Split apart' });
  const one = splitting.getByRole('button', { name: /^Split: .*1080p/ });
  await one.waitFor();
  await audit(page, 'split');
  await one.click();
  await splitting.waitFor({ state: 'hidden' });
  await page.waitForURL((it) => it.href !== whole && !it.search);
  await scanAgain(page, 1);
  expect(await films(page).count()).toBe(2);

  await page.goto(whole);
  await page.getByRole('button', { name: 'Actions: ' }).click();
  await page.getByRole('menuitem', { name: 'Merge with' }).click();
  const merging = page.getByRole('dialog', { name: 'Merge' });
  const other = merging.getByRole('button', { name: /^Merge: Paper Mountains/ });
  await other.waitFor();
  await audit(page, 'merge');
  await other.click();
  await merging.waitFor({ state: 'hidden' });
  await scanAgain(page, 2);
  expect(await films(page).count()).toBe(1);
});
