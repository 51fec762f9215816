import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, expect, test, vi } from 'vitest';
import { audit } from './support/browser';
import { journeyFromNothing } from './support/journey';
import { createOwner, openLibrary } from './support/people';
import { FILMS, PROVIDER_KEY, ProviderStub } from './support/provider';
import { demoFolder } from './support/server';

let provider: ProviderStub;
const here = journeyFromNothing(async () => {
  provider = await ProviderStub.start();
  return {
    REVENGE_METADATA__TMDB__URL: provider.url,
    REVENGE_METADATA__TMDB__KEY: PROVIDER_KEY,
  };
});
// Folders of its own: the server writes into them.
const media = await mkdtemp(join(tmpdir(), 'revenge-e2e-library-'));
const FIRST = join(media, 'first');
const SECOND = join(media, 'second');
const SPECIAL = /Behind the Tide/;

afterAll(() => provider?.stop());
afterAll(() => rm(media, { recursive: true, force: true }));

test('what somebody sets for a library stays, and shows', async () => {
  const { page } = here;
  await offer('The Lantern Keeper (2021)', FIRST);
  await offer('Quiet Orbit (2017)', SECOND);
  await createOwner(page);
  await page.goto('/settings/libraries');
  await add(page, 'Films', FIRST);
  await page.getByText('Films · 1 title').waitFor();

  const form = page.getByRole('dialog', { name: 'Edit library' });
  const watching = form.getByRole('switch', { name: 'Notice changes at once' });
  await edit(page, 'Films');
  expect(await watching.getAttribute('aria-checked')).toBe('true');
  await watching.click();
  await choose(page, form, 'Scan by itself', 'Every 6 hours');
  await form.getByLabel('Name').fill('Picture House');
  await addFolder(page, form, SECOND);
  expect(await form.getByRole('switch', { name: 'Specials among the episodes' }).count()).toBe(0);
  await form.getByRole('button', { name: 'Save', exact: true }).click();
  await form.waitFor({ state: 'hidden' });
  // The folder that was added is scanned without being asked.
  await page.getByText('Films · 2 titles').waitFor();

  await page.reload();
  await edit(page, 'Picture House');
  await describe(page, form);
  await page.reload();
  await page.getByRole('button', { name: 'Scan now' }).click();
  await page.getByText('Scan started').waitFor();
  await page.goto('/settings/jobs?state=done');
  await page.getByText('Scan a library').nth(2).waitFor();

  await page.goto('/settings/libraries');
  await edit(page, 'Picture House');
  expect(await watching.getAttribute('aria-checked')).toBe('false');
  await form.getByRole('combobox', { name: 'Scan by itself: Every 6 hours' }).waitFor();
  for (const folder of [FIRST, SECOND]) await form.getByText(folder, { exact: true }).waitFor();
  await form.getByText('Details and artwork').click();
  await form.getByRole('combobox', { name: 'Language: German' }).waitFor();
  await form.getByRole('combobox', { name: 'Country: Austria' }).waitFor();
  expect(await sources(form)).toEqual(['Embedded tags', 'NFO files']);
  const writing = form.getByRole('switch', { name: 'Write NFO files' });
  expect(await writing.getAttribute('aria-checked')).toBe('true');
  await audit(page, 'library-settings');
  await form.getByRole('button', { name: 'Close' }).click();
  await openLibrary(page, 'Picture House');
  await page
    .getByRole('main')
    .getByRole('link', { name: /Quiet Orbit/ })
    .waitFor();
  // What was wanted in between is on the disk: the words of the provider, beside the film.
  const written = join(SECOND, 'Quiet Orbit (2017)', 'Quiet Orbit (2017).nfo');
  await vi.waitFor(async () => {
    expect(await readFile(written, 'utf8')).toContain(FILMS.orbit.overview);
  }, 30_000);
});

test('specials stand among the episodes or by themselves, as somebody sets it', async () => {
  const { page } = here;
  await page.goto('/settings/libraries');
  await add(page, 'Shows', demoFolder('Shows'));
  await openSeason(page);
  await page.getByRole('listitem').filter({ hasText: SPECIAL }).getByText('Special 1').waitFor();
  expect(await titles(page)).toEqual(['Arrival', 'Behind the Tide', 'Slack Water']);
  await audit(page, 'season-with-special');

  await page.goto('/settings/libraries');
  const form = page.getByRole('dialog', { name: 'Edit library' });
  await edit(page, 'Shows');
  await form.getByRole('switch', { name: 'Specials among the episodes' }).click();
  await form.getByRole('button', { name: 'Save', exact: true }).click();
  await form.waitFor({ state: 'hidden' });
  await openSeason(page);
  expect(await titles(page)).toEqual(['Arrival', 'Slack Water', 'The Long Storm']);
});

/** A film of the demo in a folder of the journey. */
const offer = (film: string, folder: string) =>
  cp(join(demoFolder('Movies'), film), join(folder, film), { recursive: true });

async function add(page: Page, kind: string, folder: string): Promise<void> {
  await page.getByRole('button', { name: 'Add library' }).click();
  const form = page.getByRole('dialog', { name: 'Add library' });
  await form.getByText(kind, { exact: true }).click();
  await addFolder(page, form, folder);
  await form.getByRole('button', { name: 'Add and scan' }).click();
  await form.waitFor({ state: 'hidden' });
}

/** By its path, since nobody offered it. */
async function addFolder(page: Page, form: Locator, folder: string): Promise<void> {
  await form.getByRole('button', { name: 'Choose a folder' }).click();
  const chooser = page.getByRole('dialog', { name: 'Choose a folder on the server' });
  await chooser.getByLabel('Path').fill(folder);
  await chooser.getByRole('button', { name: 'Open' }).click();
  await chooser.getByRole('button', { name: 'Use this folder' }).click();
  await chooser.waitFor({ state: 'hidden' });
  await form.getByText(folder, { exact: true }).waitFor();
}

async function edit(page: Page, library: string): Promise<void> {
  await page.getByRole('button', { name: `More: ${library}` }).click();
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  await page.getByRole('dialog', { name: 'Edit library' }).waitFor();
}

async function choose(page: Page, form: Locator, label: string, option: string): Promise<void> {
  await form.getByRole('combobox', { name: new RegExp(`^${label}: `) }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

/** Says in which language, for which country and by whose word the library is described, and who may read it. */
async function describe(page: Page, form: Locator): Promise<void> {
  await form.getByText('Details and artwork').click();
  await choose(page, form, 'Language', 'German');
  await choose(page, form, 'Country', 'Austria');
  await form.getByRole('switch', { name: 'Own order of sources' }).click();
  await form.getByRole('button', { name: 'Move down: NFO files' }).click();
  expect(await sources(form)).toEqual(['Embedded tags', 'NFO files']);
  await form.getByRole('switch', { name: 'Write NFO files' }).click();
  await form.getByRole('button', { name: 'Save details' }).click();
  await page.getByText(/Saved\. The library is described anew/).waitFor();
}

/** The first two of the order. */
const sources = async (form: Locator) =>
  (await form.getByRole('list', { name: 'Order' }).locator('.truncate').allTextContents()).slice(
    0,
    2,
  );

async function openSeason(page: Page): Promise<void> {
  await page.goto('/');
  await page
    .getByRole('link', { name: /Tidewater Station/ })
    .last()
    .click({ timeout: 60_000 });
  await page.getByRole('link', { name: /Season 1/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Season 1' }).waitFor();
  await page.getByRole('main').getByRole('listitem').nth(2).waitFor();
}

/** The first three of the season. */
const titles = async (page: Page) =>
  (
    await page.getByRole('main').getByRole('listitem').locator('span.font-medium').allTextContents()
  ).slice(0, 3);
