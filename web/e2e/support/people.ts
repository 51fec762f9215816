/** What people do in more than one journey, through the page as they would. */
import type { Locator, Page } from 'playwright-core';
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

/** The third and fourth step: a library of the films that the server was started with. */
export async function addFilms(page: Page): Promise<void> {
  await page.getByText('Films', { exact: true }).last().click();
  await page.getByRole('button', { name: 'Choose a folder' }).click();
  const chooser = page.getByRole('dialog', { name: 'Choose a folder on the server' });
  await chooser.getByRole('button', { name: demoFolder('Movies') }).click();
  await chooser.getByRole('button', { name: 'Use this folder' }).click();
  await chooser.waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Add and scan' }).click();
  await page.getByRole('heading', { name: 'Ready' }).waitFor({ timeout: 60_000 });
}

/** Fills in the page of sign-in, which every address leads to as long as nobody is signed in. */
export async function signIn(page: Page, { name, password } = OWNER): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** From a fresh window to the home page. */
export async function enter(page: Page, person = OWNER): Promise<void> {
  await page.goto('/');
  await signIn(page, person);
  await page
    .getByRole('heading', { name: /Latest in/ })
    .first()
    .waitFor();
}

/** By their own page, as an administrator: a new person with the rights of the form's switches. */
export async function addPerson(
  page: Page,
  person: typeof OWNER,
  choose: (form: Locator) => Promise<void>,
): Promise<void> {
  await page.goto('/settings/people');
  await page.getByRole('button', { name: 'Add person' }).click();
  const form = page.getByRole('dialog', { name: 'Add person' });
  await form.getByLabel('Name').fill(person.name);
  await form.getByLabel('Password', { exact: true }).fill(person.password);
  await choose(form);
  await form.getByRole('button', { name: 'Save' }).click();
  await form.waitFor({ state: 'hidden' });
  await page
    .getByRole('button', { name: new RegExp(person.name) })
    .last()
    .waitFor();
}

/** Chooses a role in a form that has one. */
export async function giveRole(page: Page, form: Locator, role: string): Promise<void> {
  await form.getByRole('combobox', { name: /^Role:/ }).click();
  await page.getByRole('option', { name: role, exact: true }).click();
}

/** Opens a library by its entry in the navigation. */
export async function openLibrary(page: Page, name: string): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Main navigation' })
    .getByRole('link', { name })
    .click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}
