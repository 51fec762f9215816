import { afterAll, expect, test } from 'vitest';
import { audit, openWindow } from './support/browser';
import { call } from './support/call';
import { journeyFromNothing } from './support/journey';
import { addFilms, createOwner, enter } from './support/people';
import { FILMS, PROVIDER_KEY, ProviderStub } from './support/provider';

let provider: ProviderStub;
const here = journeyFromNothing(async () => {
  provider = await ProviderStub.start();
  return {
    REVENGE_METADATA__TMDB__URL: provider.url,
    REVENGE_METADATA__TMDB__KEY: PROVIDER_KEY,
  };
});
afterAll(() => provider?.stop());

const MIA = { name: 'Mia', password: 'correct horse battery' };
const named = (film: { title: string; year: number }) => `${film.title} (${film.year})`;

test('a film is looked up, asked for, answered, and one’s own list says so', async () => {
  const { page } = here;
  await createOwner(page);
  await addFilms(page);
  await call(page, 'POST', '/people', { ...MIA, all_libraries: true });

  const [context, hers] = await openWindow(here.browser, here.url);
  await enter(hers, MIA);
  await hers.getByRole('link', { name: 'Requests' }).first().click();
  await hers.getByRole('heading', { name: 'Nothing yet' }).waitFor();
  await audit(hers, 'requests-empty');
  expect(await hers.getByRole('radiogroup', { name: 'Whose requests' }).count()).toBe(0);

  const box = hers.getByRole('searchbox', { name: 'Title of a film or series' });
  // What the server has already says so, once it was described.
  await expect
    .poll(
      async () => {
        await hers.goto('/requests?q=quiet+orbit');
        const known = hers.getByRole('article', { name: named(FILMS.orbit), exact: true });
        await known.waitFor();
        return known.getByText('Here already').count();
      },
      { timeout: 60_000, interval: 1_000 },
    )
    .toBe(1);
  const wanted = hers.getByRole('article', { name: named(FILMS.otherOrbit) });
  await wanted.getByRole('button', { name: /^Ask for it/ }).click();
  const dialog = hers.getByRole('dialog', { name: /^Ask/ });
  await dialog.getByLabel('A word to those who answer').fill('For Sunday evening');
  await audit(hers, 'request-ask');
  await dialog.getByRole('button', { name: 'Ask for it' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await wanted.first().getByText('You asked for it').waitFor();

  // Nobody knows this one: a bare title does, by keys alone.
  await box.fill('Nowhere Else');
  await box.press('Enter');
  await hers.getByText('Nothing is called like that.').waitFor();
  await hers.getByRole('button', { name: 'Ask by title and year' }).click();
  await dialog.getByRole('radio', { name: 'Show' }).click();
  await dialog.getByLabel('Year').fill('1999');
  await dialog.getByLabel('Seasons').fill('2-3');
  await dialog.getByLabel('Seasons').press('Enter');
  await dialog.waitFor({ state: 'hidden' });
  const series = hers.getByRole('article', { name: 'Nowhere Else (1999)' });
  await series.getByText('Seasons 2, 3').waitFor();
  await audit(hers, 'requests');
  await hers.setViewportSize({ width: 390, height: 844 });
  await audit(hers, 'requests-phone');
  await hers.setViewportSize({ width: 1366, height: 768 });

  await page.goto('/requests?of=all');
  const asked = page.getByRole('article', { name: named(FILMS.otherOrbit) });
  await asked.getByText('“For Sunday evening”').waitFor();
  await asked.getByText('Mia').waitFor();
  await audit(page, 'requests-all');
  await asked.getByRole('button', { name: /^Approve/ }).click();
  const answer = page.getByRole('dialog', { name: /^Approve/ });
  await answer.getByLabel('A word to those who asked').fill('Next week');
  await answer.getByRole('button', { name: 'Approve' }).click();
  await asked.waitFor({ state: 'hidden' });
  await page.getByRole('combobox', { name: /^State/ }).click();
  await page.getByRole('option', { name: 'Approved' }).click();
  await asked.waitFor();

  // Her page, which was open all the while, hears of it.
  const mine = hers.getByRole('article', { name: named(FILMS.otherOrbit) });
  await mine.getByText('Approved').waitFor();
  await mine.getByText('Answer: “Next week”').waitFor();
  expect(await mine.getByRole('button', { name: /^Withdraw/ }).count()).toBe(0);
  await series.getByRole('button', { name: /^Withdraw/ }).click();
  await hers.getByRole('button', { name: 'Withdraw', exact: true }).click();
  await series.waitFor({ state: 'hidden' });
  await context.close();
});
