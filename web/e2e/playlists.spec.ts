import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { audit, openWindow } from './support/browser';
import { call, findItem } from './support/call';
import { journey } from './support/journey';
import { enter } from './support/people';

const here = journey();

const MIA = { name: 'Mia', password: 'correct horse battery' };

/** Titles of a list, in order. */
const order = (page: Page) =>
  page
    .getByRole('list', { name: 'In this playlist' })
    .getByRole('listitem')
    .evaluateAll((rows) =>
      rows.map((row) =>
        row.querySelector('a[href*="/movies/"], a[href*="/episodes/"]')?.textContent?.trim(),
      ),
    );

async function addFrom(page: Page, path: string, list: string, isNew: boolean) {
  await page.goto(path);
  await page.locator('#item-actions').click();
  await page.getByRole('menuitem', { name: 'Add to playlist' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add to playlist' });
  if (isNew) {
    await dialog.getByRole('textbox').fill(list);
    await dialog.getByRole('button', { name: 'New playlist' }).click();
  } else {
    await dialog.getByRole('button', { name: list }).click();
  }
  await page.getByText(`added to “${list}”`).waitFor();
  await dialog.waitFor({ state: 'hidden' });
}

test('a list is made, put in order, played through, shared and deleted', async () => {
  const { page } = here;
  await enter(page);
  await call(page, 'POST', '/people', { ...MIA, all_libraries: true });
  await page.goto('/playlists');
  await page.getByRole('heading', { name: 'No playlists yet' }).waitFor();
  await audit(page, 'playlists-empty');

  const films = ['Harbour of Glass', 'Quiet Orbit', 'Salt and Starlight'];
  for (const [at, title] of films.entries()) {
    await addFrom(page, `/movies/${await findItem(page, title)}`, 'Friday', at === 0);
  }
  await page.getByRole('link', { name: 'Playlists' }).first().click();
  await page.getByRole('link', { name: /Friday/ }).click();
  await page.getByRole('heading', { name: 'Friday' }).waitFor();
  await expect.poll(() => order(page)).toEqual(films);

  // By keys: the row that is moved keeps focus.
  await page.getByRole('button', { name: 'Move Harbour of Glass' }).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const turned = ['Quiet Orbit', 'Salt and Starlight', 'Harbour of Glass'];
  await expect.poll(() => order(page)).toEqual(turned);
  await page.getByText('Harbour of Glass is number 3 of 3').waitFor({ state: 'attached' });
  // By the pointer.
  await page
    .getByRole('button', { name: 'Move Harbour of Glass' })
    .dragTo(page.getByRole('listitem').filter({ hasText: 'Quiet Orbit' }));
  await expect.poll(() => order(page)).toEqual(films);
  // By the menu.
  await page.getByRole('button', { name: 'Actions: Salt and Starlight' }).click();
  await page.getByRole('menuitem', { name: 'Move to the beginning' }).click();
  const last = ['Salt and Starlight', 'Harbour of Glass', 'Quiet Orbit'];
  await expect.poll(() => order(page)).toEqual(last);
  await page.reload();
  await expect.poll(() => order(page), { timeout: 10_000 }).toEqual(last);
  await audit(page, 'playlist');
  await page.setViewportSize({ width: 390, height: 844 });
  await audit(page, 'playlist-phone');
  await page.setViewportSize({ width: 1366, height: 768 });

  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await page.getByRole('heading', { name: 'Salt and Starlight' }).waitFor();
  await page.mouse.move(300, 300);
  await page.mouse.move(320, 320);
  await page.getByRole('link', { name: 'Next in the playlist' }).click();
  await page.getByRole('heading', { name: 'Harbour of Glass' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'Friday' }).waitFor();

  await page.getByRole('button', { name: 'Actions: Quiet Orbit' }).click();
  await page.getByRole('menuitem', { name: 'Take out of the playlist' }).click();
  await expect.poll(() => order(page)).toEqual(last.slice(0, 2));

  const [context, other] = await openWindow(here.browser, here.url);
  await enter(other, MIA);
  await other.goto('/playlists');
  await other.getByRole('heading', { name: 'No playlists yet' }).waitFor();
  await page.getByRole('button', { name: 'Actions: Friday' }).click();
  await page.getByRole('menuitem', { name: 'Edit playlist' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Friday night');
  await page.getByRole('switch', { name: 'Others see it, too' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Friday night' }).waitFor();
  // An open page hears of it.
  await other.getByRole('link', { name: /Friday night/ }).click();
  await expect.poll(() => order(other)).toEqual(last.slice(0, 2));
  expect(await other.getByRole('button', { name: /^Move / }).count()).toBe(0);
  await context.close();

  await page.getByRole('button', { name: 'Actions: Friday night' }).click();
  await page.getByRole('menuitem', { name: 'Delete playlist' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('heading', { name: 'No playlists yet' }).waitFor();
});
