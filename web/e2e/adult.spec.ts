import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { audit, openWindow } from './support/browser';
import { call } from './support/call';
import { journeyFromNothing } from './support/journey';
import { addPerson, createOwner, OWNER, signIn } from './support/people';
import { demoFolder } from './support/server';

const STUDIO = 'Night Works';
const SCENES = ['The Long Way Home', 'Rain on the Roof', 'Second Light'];
const PHONE = { width: 390, height: 844 };
const GUEST = { name: 'Mika', password: 'nine lives of a cat' };

let folder: string;
const here = journeyFromNothing(async () => {
  folder = await mkdtemp(join(tmpdir(), 'revenge-scenes-'));
  const studio = join(folder, STUDIO);
  await mkdir(studio);
  for (const [at, title] of SCENES.entries()) {
    const stem = join(studio, `202${at}-05-04 - ${title} - Jane Doe, Alex Roe`);
    await copyFile(join(demoFolder('Movies'), 'Nightjar.mp4'), `${stem}.mp4`);
    await writeFile(`${stem}.nfo`, `<movie><plot>About ${title}.</plot><tag>Rain</tag></movie>`);
  }
  return { REVENGE_ADULT__ENABLED: 'true' };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the area opens for who is old enough, and its scenes are found and played', async () => {
  const { page } = here;
  await createOwner(page);
  await page.goto('/');
  await page
    .getByRole('button', { name: /^Account:/ })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Adult area' }).click();
  await page.getByRole('heading', { name: 'Adult area' }).waitFor();
  await audit(page, 'adult-age');
  await page.getByRole('button', { name: 'I am old enough' }).click();
  await page.getByText('Nothing here yet').waitFor();

  await call(page, 'POST', '/adult/libraries', {
    name: 'Private',
    kind: 'scenes',
    folders: [folder],
  }).then((made) => call(page, 'POST', `/adult/libraries/${(made as { id: string }).id}/scan`));
  await page.getByRole('link', { name: 'Libraries' }).click();
  await page.getByText(/3 titles/).waitFor();
  await audit(page, 'adult-libraries');

  await page.getByRole('link', { name: 'Scenes' }).click();
  await page.getByRole('listitem').nth(2).waitFor();
  const pictures = () =>
    page
      .locator('main img')
      .evaluateAll((all) => all.filter((it) => (it as HTMLImageElement).naturalWidth > 0).length);
  await expect.poll(pictures, { timeout: 30_000 }).toBe(3);
  await audit(page, 'adult-scenes');
  await page.setViewportSize(PHONE);
  await audit(page, 'adult-scenes-phone');
  await page.setViewportSize({ width: 1366, height: 768 });

  await page.getByRole('link', { name: 'Performers' }).click();
  await page.getByRole('link', { name: /Jane Doe 3 scenes/ }).waitFor();
  await audit(page, 'adult-performers');
  await page.getByRole('link', { name: 'Studios' }).click();
  await page.getByRole('link', { name: /Night Works/ }).click();
  await page.getByRole('heading', { name: STUDIO }).waitFor();
  await page.getByRole('link', { name: 'Rain on the Roof', exact: false }).last().click();
  await page.getByRole('heading', { level: 1, name: 'Rain on the Roof' }).waitFor();
  await page.getByText('About Rain on the Roof.').waitFor();
  await page.getByRole('link', { name: 'Alex Roe', exact: true }).waitFor();
  await audit(page, 'adult-scene');
  await page.setViewportSize(PHONE);
  await audit(page, 'adult-scene-phone');
  await page.setViewportSize({ width: 1366, height: 768 });

  await page.getByRole('link', { name: 'Play', exact: true }).click();
  await expect
    .poll(() => page.evaluate(() => document.querySelector('video')?.currentTime ?? 0))
    .toBeGreaterThan(0.2);
  expect(new URL(page.url()).pathname).toMatch(/^\/adult\/watch\//);
  await page.goBack();

  await page.getByRole('link', { name: 'Search' }).click();
  await page.getByRole('searchbox').fill('second l');
  await page.getByRole('listitem').getByText('Second Light').waitFor();
  // What is found inside is not found outside.
  const { hits } = await call<{ hits: unknown[] }>(page, 'GET', '/search?q=second');
  expect(hits).toEqual([]);
});

test('what is there twice is shown, and a person says what it is', async () => {
  const { page } = here;
  await page.getByRole('link', { name: 'Duplicates' }).click();
  await page.getByRole('heading', { name: 'Duplicates' }).waitFor();
  // The three scenes of this journey are one film.
  const same = page.getByText('The same file');
  await expect
    .poll(
      async () => {
        await page.reload();
        await page.getByRole('heading', { name: 'Duplicates' }).waitFor();
        await page.waitForTimeout(500);
        return same.count();
      },
      { timeout: 60_000 },
    )
    .toBe(3);
  await audit(page, 'adult-duplicates');
  await page.setViewportSize(PHONE);
  await audit(page, 'adult-duplicates-phone');
  await page.setViewportSize({ width: 1366, height: 768 });
  await page
    .getByRole('button', { name: /^Keep it: / })
    .first()
    .click();
  await expect.poll(() => same.count()).toBe(2);
  await page.getByRole('button', { name: 'Make versions of one scene' }).waitFor();

  await page.getByRole('link', { name: 'Scene databases' }).click();
  await page.getByText('No database is asked.').waitFor();
  await audit(page, 'adult-boxes');
  await page.setViewportSize(PHONE);
  await audit(page, 'adult-boxes-phone');
  await page.setViewportSize({ width: 1366, height: 768 });
  await page.getByRole('link', { name: 'Review' }).click();
  await page.getByRole('heading', { name: 'Review', exact: true }).waitFor();
  await audit(page, 'adult-review');
});

test('a PIN closes it, and opens it again', async () => {
  const { page } = here;
  await page.getByRole('link', { name: 'PIN' }).click();
  await page.getByLabel('Password', { exact: true }).fill(OWNER.password);
  await page.getByLabel('New PIN').fill('2468');
  await audit(page, 'adult-pin');
  await page.getByRole('button', { name: 'Set PIN' }).click();
  await page.getByText('Type your PIN').waitFor();
  await page.getByLabel('PIN', { exact: true }).fill('1357');
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByText('This is not your PIN.').waitFor();
  await page.getByLabel('PIN', { exact: true }).fill('2468');
  await audit(page, 'adult-unlock');
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await page.waitForURL((it) => it.pathname === '/');
  await page.goto('/adult');
  await page.getByText('Type your PIN').waitFor();
});

test('whoever may not enter is not told of it', async () => {
  const { page, browser, url } = here;
  await addPerson(page, GUEST, async () => {});
  const [, guest] = await openWindow(browser, url);
  await guest.goto('/');
  await signIn(guest, GUEST);
  await guest
    .getByRole('button', { name: /^Account:/ })
    .first()
    .click();
  await guest.getByRole('menuitem', { name: 'Settings' }).waitFor();
  expect(await guest.getByRole('menuitem', { name: 'Adult area' }).count()).toBe(0);
});
