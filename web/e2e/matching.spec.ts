import type { Route } from 'playwright-core';
import { afterAll, test } from 'vitest';
import { audit } from './support/browser';
import { journeyFromNothing } from './support/journey';
import { addFilms, createOwner } from './support/people';
import { FILMS, PROVIDER_KEY, ProviderStub } from './support/provider';

let provider: ProviderStub;
const here = journeyFromNothing(async () => {
  provider = await ProviderStub.start();
  return { REVENGE_METADATA__TMDB__URL: provider.url };
});
afterAll(() => provider?.stop());

const pick = (film: { title: string; year: number }) =>
  new RegExp(`^This is it: ${film.title} .*${film.year}`);

test('a key is tried, a doubt is settled, a wrong match is put right and stays right', async () => {
  const { page } = here;
  await createOwner(page);
  await addFilms(page);

  await page.goto('/settings/metadata');
  await page.getByRole('button', { name: 'Enter key: TMDb' }).click();
  await page.getByLabel('Key of TMDb').fill('not-a-key');
  await page.getByRole('button', { name: 'Test and save' }).click();
  await page.getByText('TMDb does not accept this key.').waitFor();
  await page.getByLabel('Key of TMDb').fill(PROVIDER_KEY);
  await page.getByRole('button', { name: 'Test and save' }).click();
  await page.getByText('Key set').waitFor();
  await audit(page, 'settings-metadata');

  // Two films have that name, and the file's name has no year.
  await page.goto('/settings/review');
  const doubt = page.getByRole('article', { name: 'Nightjar' });
  await doubt.waitFor({ timeout: 60_000 });
  await audit(page, 'settings-review');
  await doubt.getByRole('button', { name: pick(FILMS.nightjar) }).click();
  await doubt.waitFor({ state: 'detached' });

  // The stream of events opens late; what it would have told meanwhile shows all the same.
  const openLate = async (route: Route) => {
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    await route.continue();
  };
  await page.route('**/api/v1/events', openLate, { times: 1 });
  await page.goto('/');
  await page
    .getByRole('link', { name: /Nightjar/ })
    .last()
    .click();
  await page.getByText(FILMS.nightjar.overview).waitFor({ timeout: 60_000 });
  await page.getByRole('link', { name: 'The Quiet Collection' }).waitFor();
  await audit(page, 'described-film');

  // Three presses: the menu, "Fix match", the right one.
  await page.getByRole('button', { name: 'Actions: ' }).click();
  await page.getByRole('menuitem', { name: 'Fix match' }).click();
  const dialog = page.getByRole('dialog', { name: 'Fix match' });
  const right = dialog.getByRole('button', { name: pick(FILMS.otherNightjar) });
  await right.waitFor();
  await audit(page, 'fix-match');
  await right.click();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByText(FILMS.otherNightjar.overview).waitFor({ timeout: 60_000 });
  const film = page.url();

  await page.goto('/settings/libraries');
  await page.getByRole('button', { name: 'Scan now' }).click();
  await page.getByText('Scan started').waitFor();
  await page.goto('/settings/jobs?state=done');
  await page.getByText('Scan a library').nth(1).waitFor({ timeout: 60_000 });
  await page.goto(film);
  await page.getByText(FILMS.otherNightjar.overview).waitFor();

  await page.getByRole('link', { name: /Ylva Brandt/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Ylva Brandt' }).waitFor();
  await page
    .getByRole('link', { name: /Nightjar/ })
    .first()
    .waitFor();
  await audit(page, 'cast');
});
