import { expect, test } from 'vitest';
import { audit } from './support/browser';
import { journey } from './support/journey';
import { enter } from './support/people';

const here = journey();

test('a search is mended, narrowed, completed, kept and forgotten', async () => {
  const { page } = here;
  await enter(page);
  await page.goto('/search');
  const box = page.getByRole('combobox', { name: 'Search' });
  const main = page.getByRole('main');

  await box.fill('paper mountians');
  const film = main.getByRole('link', { name: /Paper Mountains/ });
  await film.waitFor();
  await main.getByRole('button', { name: 'paper mountains', exact: true }).click();
  await expect.poll(() => box.inputValue()).toBe('paper mountains');
  await box.press('Enter');
  const title = /^Paper Mountains$/;
  await film.locator('mark').filter({ hasText: title }).waitFor();

  await box.fill('the');
  const filters = main.getByRole('complementary', { name: 'Filters' });
  const kinds = filters.getByRole('region', { name: 'Kind' });
  await kinds.getByRole('button', { name: /^Films/ }).click();
  const chip = main.getByRole('button', { name: 'Without the filter Kind: Films' });
  await chip.waitFor();
  expect(await box.inputValue()).toBe('the kind:movie');
  await audit(page, 'search-narrowed');
  await chip.click();
  await chip.waitFor({ state: 'hidden' });
  expect(await box.inputValue()).toBe('the');

  await box.fill('kind:ser');
  const option = main.getByRole('option', { name: /Shows/ });
  await option.waitFor();
  await audit(page, 'search-completions');
  await box.press('ArrowDown');
  await box.press('Enter');
  await expect.poll(() => box.inputValue()).toBe('kind:series ');
  await main.getByRole('link', { name: /Tidewater Station/ }).waitFor();

  await page.goto('/search');
  const kept = main.getByRole('button', { name: 'paper mountains', exact: true });
  await kept.waitFor();
  await audit(page, 'search-recent');

  await page.keyboard.press('/');
  const palette = page.getByRole('dialog', { name: 'Search' });
  const quick = palette.getByRole('combobox');
  const recent = palette.getByRole('group', { name: 'Recent searches' });
  const again = recent.getByRole('option', { name: 'paper mountains', exact: true });
  await again.waitFor();
  await audit(page, 'palette-recent');
  await again.click();
  await expect.poll(() => quick.inputValue()).toBe('paper mountains');
  const hit = palette.getByRole('option', { name: /Paper Mountains/ });
  await hit.locator('mark').filter({ hasText: title }).waitFor();
  await quick.fill('paper mountians');
  const meant = palette.getByRole('option', { name: 'Did you mean paper mountains?' });
  await meant.waitFor();
  await quick.press('ArrowUp');
  await expect.poll(() => meant.getAttribute('aria-selected')).toBe('true');
  await quick.press('Enter');
  await expect.poll(() => quick.inputValue()).toBe('paper mountains');
  await meant.waitFor({ state: 'hidden' });
  await hit.waitFor();
  await page.keyboard.press('Escape');
  await palette.waitFor({ state: 'hidden' });

  await main.getByRole('button', { name: 'Forget “paper mountains”' }).click();
  await kept.waitFor({ state: 'hidden' });

  await box.fill('kind:movie');
  await main.getByRole('combobox', { name: 'Sort by: Best match' }).click();
  await page.getByRole('option', { name: 'Title' }).click();
  const byTitle = main.getByRole('combobox', { name: 'Sort by: Title' });
  await byTitle.waitFor();
  await expect.poll(() => new URL(page.url()).searchParams.get('sort')).toBe('title');
  const cards = main.getByRole('article').locator('a > .font-medium');
  const titles = async () => {
    const texts = await cards.allTextContents();
    return texts.map((it) => it.trim().replace(/^The /, ''));
  };
  // What was there before stays until the answer comes.
  const inOrder = (it: string[]) => it.toSorted((a, b) => a.localeCompare(b)).join();
  const isInOrder = async () => {
    const shown = await titles();
    return shown.length > 2 && shown.join() === inOrder(shown);
  };
  await expect.poll(isInOrder).toBe(true);
  await audit(page, 'search-sorted');
  await page.reload();
  await byTitle.waitFor();

  await box.fill('xqzzyx');
  await main.getByText('Nothing found for “xqzzyx”').first().waitFor();
  await audit(page, 'search-nothing');
});

test('whoever manages libraries has the index made anew', async () => {
  const { page } = here;
  await page.goto('/settings/search');
  const button = page.getByRole('button', { name: 'Make the index anew' });
  await button.click();
  await page.getByText('The search index is being made anew').waitFor();
  await audit(page, 'settings-search-anew');
  // It says by itself when it is there.
  await page.getByText('The search index is being made anew').waitFor({ state: 'hidden' });
  await expect.poll(() => button.isEnabled()).toBe(true);
});
