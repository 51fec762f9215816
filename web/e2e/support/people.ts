/** What people do in more than one journey, through the page as they would. */
import type { Page } from 'playwright-core';
import { demoFolder } from './server';

export const OWNER = { name: 'Robin', password: 'correct horse battery' };

/** Through the first two steps of the wizard; a browser on the machine itself needs no code. */
export async function createOwner(page: Page): Promise<void> {
  await page.goto('/');
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('button', { name: 'Let’s go' }).click();
  await page.getByLabel('Name').fill(OWNER.name);
  await page.getByLabel('Password', { exact: true }).fill(OWNER.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Your first library' }).waitFor();
}

/** Fills the form of a library, in the wizard or in the settings. */
export async function describeLibrary(page: Page, kind: 'Films' | 'Shows'): Promise<void> {
  const folder = demoFolder(kind === 'Films' ? 'Movies' : 'Shows');
  await page.getByText(kind, { exact: true }).last().click();
  await page.getByRole('button', { name: 'Choose a folder' }).click();
  const chooser = page.getByRole('dialog', { name: 'Choose a folder on the server' });
  // The server offers what it was started with.
  await chooser.getByRole('button', { name: folder }).click();
  await chooser.getByRole('button', { name: 'Use this folder' }).click();
  await chooser.waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Add and scan' }).click();
}

/** The whole wizard: an account and a library of films, read to the end. */
export async function setUpWithFilms(page: Page): Promise<void> {
  await createOwner(page);
  await describeLibrary(page, 'Films');
  await page.getByRole('heading', { name: 'Ready' }).waitFor({ timeout: 90_000 });
  await page.getByRole('link', { name: 'Start watching' }).click();
  await page.getByRole('heading', { name: /Latest in/ }).waitFor();
}

/** A second library, from the settings, read to the end. */
export async function addShows(page: Page): Promise<void> {
  await page.goto('/settings/libraries');
  await page.getByRole('button', { name: 'Add library' }).click();
  await describeLibrary(page.getByRole('dialog', { name: 'Add library' }).page(), 'Shows');
  const scanned = page
    .locator('section', { hasText: 'Shows' })
    .getByText(/[1-9]\d* titles?.*Scanned/);
  await scanned.waitFor({ timeout: 90_000 });
}

export async function signIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Opens a library by its entry in the navigation. */
export async function openLibrary(page: Page, name: string): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Main navigation' })
    .getByRole('link', { name })
    .click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}
