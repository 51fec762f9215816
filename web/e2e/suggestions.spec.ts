import { expect, test } from 'vitest';
import { audit, openWindow } from './support/browser';
import { call, findItem } from './support/call';
import { journey } from './support/journey';
import { enter } from './support/people';

const here = journey();

const ILA = { name: 'Ila', password: 'correct horse battery' };
const ALIKE = ['Quiet Orbit', 'Ember Sky', 'Tidewater Station'];
const TRAITS = { genres: ['Science Fiction'], tags: ['weightless', 'station', 'night crew'] };

test('a film leads to what is like it, and once watched to suggestions with the reason', async () => {
  await enter(here.page);
  for (const title of ALIKE) {
    const id = await findItem(here.page, title);
    await call(here.page, 'PATCH', `/items/${id}`, TRAITS);
  }
  // The index is fed at the end of a scan, and else by the minute.
  const { items } = await call<{ items: { id: string }[] }>(here.page, 'GET', '/libraries');
  for (const { id } of items) await call(here.page, 'POST', `/libraries/${id}/scan`);
  const tagged = async () => {
    const { found } = await call<{ found: number }>(here.page, 'GET', '/search?q=tag:weightless');
    return found;
  };
  await expect.poll(tagged, { timeout: 30_000 }).toBe(ALIKE.length);
  await call(here.page, 'POST', '/people', { ...ILA, all_libraries: true });
  const [context, page] = await openWindow(here.browser, here.url);
  await enter(page, ILA);
  const row = (name: string) => page.getByRole('main').getByRole('region', { name });
  const titles = (name: string) => row(name).getByRole('listitem');
  expect(await row('For you').count()).toBe(0);

  const film = await findItem(page, 'Quiet Orbit');
  await page.goto(`/movies/${film}`);
  await row('More like this').scrollIntoViewIfNeeded();
  expect(await titles('More like this').count()).toBe(2);
  await audit(page, 'suggestions-film');
  await page.getByRole('button', { name: 'Mark as watched' }).first().click();
  await page.getByRole('button', { name: 'Mark as not watched' }).first().waitFor();

  await page.getByRole('link', { name: 'Home' }).first().click();
  await row('For you').scrollIntoViewIfNeeded();
  expect(await titles('For you').count()).toBe(2);
  expect(await row('For you').getByText('Because you watched Quiet Orbit').count()).toBe(2);
  await audit(page, 'suggestions-home');

  await row('For you')
    .getByRole('link', { name: /Tidewater Station/ })
    .first()
    .press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Tidewater Station' }).waitFor();
  await row('More like this')
    .getByRole('link', { name: /Ember Sky/ })
    .first()
    .waitFor();
  await row('More like this').scrollIntoViewIfNeeded();
  await audit(page, 'suggestions-show');

  await page.goto('/settings/account');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('radio', { name: 'Deutsch' }).click();
  await page.goto('/');
  await row('Für dich').getByText('Weil du Quiet Orbit gesehen hast').first().waitFor();
  await row('Für dich').scrollIntoViewIfNeeded();
  await audit(page, 'suggestions-home-phone-de');
  await page.goto(`/movies/${film}`);
  await row('Ähnliches').scrollIntoViewIfNeeded();
  await audit(page, 'suggestions-film-phone-de');
  await context.close();
});
