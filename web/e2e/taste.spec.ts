import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { audit, openWindow } from './support/browser';
import { call, findItem } from './support/call';
import { journey } from './support/journey';
import { enter } from './support/people';

const here = journey();

const NOA = { name: 'Noa', password: 'correct horse battery' };
const video = (page: Page) => page.locator('video');

async function plays(page: Page) {
  const position = () => video(page).evaluate((it: HTMLVideoElement) => it.currentTime);
  const before = await position();
  await expect.poll(position, { timeout: 40_000 }).toBeGreaterThan(before + 0.3);
}

/** What is chosen in a menu of the player. */
async function chosen(page: Page, menu: string): Promise<string | null> {
  await page.mouse.move(300, 300);
  await page.mouse.move(320, 320);
  await page.getByRole('button', { name: menu }).click();
  // That of subtitles has their rate, too, below.
  const choice = page.getByRole('menuitemradio', { checked: true }).first();
  const text = await choice.textContent();
  await page.keyboard.press('Escape');
  return text;
}

const shownSubtitles = (page: Page) =>
  video(page).evaluate((it: HTMLVideoElement) =>
    [...it.textTracks].filter((track) => track.mode === 'showing').map((track) => track.language),
  );

test('a film begins in the languages of its person, and later as they chose', async () => {
  await enter(here.page);
  await call(here.page, 'POST', '/people', { ...NOA, all_libraries: true });
  const [context, page] = await openWindow(here.browser, here.url);
  await enter(page, NOA);

  await page.goto('/settings/account');
  await page.getByRole('heading', { name: 'Sound and subtitles' }).waitFor();
  const add = async (list: string, language: string) => {
    await page.getByRole('combobox', { name: `${list}: Add a language` }).click();
    await page.getByRole('option', { name: language, exact: true }).click();
    await page.getByRole('list', { name: list }).getByText(language).waitFor();
  };
  await add('Sound in', 'English');
  await add('Sound in', 'German');
  await page.getByRole('button', { name: 'Up: German' }).click();
  await expect
    .poll(
      () => page.getByRole('list', { name: 'Sound in' }).getByRole('listitem').allInnerTexts(),
      {
        timeout: 10_000,
      },
    )
    .toEqual([expect.stringContaining('German'), expect.stringContaining('English')]);
  await page.getByRole('radio', { name: 'Foreign sound' }).click();
  await add('Subtitles in', 'German');
  await expect
    .poll(() => call<object>(page, 'GET', '/me/taste'), { timeout: 10_000 })
    .toMatchObject({
      audio_languages: ['de', 'en'],
      subtitles: 'foreign',
      subtitle_languages: ['de'],
    });
  await page.getByRole('heading', { name: 'Sound and subtitles' }).scrollIntoViewIfNeeded();
  await audit(page, 'taste');

  const film = await findItem(page, 'Harbour of Glass');
  await page.goto(`/watch/${film}`);
  await plays(page);
  expect(await chosen(page, 'Sound')).toContain('German');
  expect(await shownSubtitles(page)).toEqual([]);

  await page.getByRole('button', { name: 'Sound' }).click();
  await page.getByRole('menuitemradio', { name: /French/ }).click();
  await page.mouse.move(310, 310);
  await page.getByRole('button', { name: 'Subtitles' }).click();
  await page.getByRole('menuitemradio', { name: 'English' }).click();
  await expect.poll(() => shownSubtitles(page), { timeout: 10_000 }).toEqual(['en']);

  await page.goto('/');
  await page.goto(`/watch/${film}`);
  await plays(page);
  expect(await chosen(page, 'Sound')).toContain('French');
  expect(await chosen(page, 'Subtitles')).toContain('English');
  expect(await shownSubtitles(page)).toEqual(['en']);

  await page.goto('/settings/account');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('radio', { name: 'Deutsch' }).click();
  await page.getByRole('heading', { name: 'Ton und Untertitel' }).scrollIntoViewIfNeeded();
  await audit(page, 'taste-phone-de');
  await context.close();
});
