import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { audit } from './support/browser';
import { call } from './support/call';
import { journey } from './support/journey';
import { enter } from './support/people';

const here = journey();
const IDA = { name: 'Ida', password: 'correct horse battery' };
const STATEMENTS = new URL('../../crates/arrivals/fixtures/jellyfin-10.11.sql', import.meta.url);
/** Node has no SQLite of its own. */
const MAKE =
  'import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(open(sys.argv[2], encoding="utf-8").read())';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-'));
  execFileSync('python3', ['-c', MAKE, join(folder, 'jellyfin.db'), STATEMENTS.pathname]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a household of Jellyfin is compared, mapped and brought', async () => {
  const { page } = here;
  await enter(page);
  // What is brought is theirs: other journeys count on the owner's favourites.
  await call(page, 'POST', '/people', { ...IDA, all_libraries: true });
  await page.goto('/settings/imports');
  await page.getByText('Nothing was brought yet').waitFor();
  await audit(page, 'imports-empty');
  await page.getByLabel('Database files').setInputFiles(join(folder, 'jellyfin.db'));
  await page.getByRole('button', { name: 'Read', exact: true }).click();

  await page.getByRole('heading', { name: 'What would be brought' }).waitFor();
  await page.getByText(/of 9 items there were found here/).waitFor();
  await page
    .getByText(/not brought, because they put themselves together or are nobody’s: Old/)
    .waitFor();
  await page.getByText(/not here, 0 that may be several things/).click();
  await page.getByText('Never Here').waitFor();
  await audit(page, 'imports-report');

  await page.getByRole('combobox', { name: /^Who Anna is here/ }).click();
  await page.getByRole('option', { name: IDA.name, exact: true }).click();
  await page.getByRole('combobox', { name: /^Who Ben is here/ }).click();
  await page.getByRole('option', { name: 'Do not bring' }).click();
  await page.getByText('Compare again before you bring it.').waitFor();
  await page.getByRole('button', { name: 'Compare again' }).click();
  await page.getByRole('button', { name: 'Bring it' }).click();
  await page.getByRole('heading', { name: 'What was brought' }).waitFor();
  await audit(page, 'imports-done');

  await page.goto('/collections');
  await page.getByText('Sea Films').first().waitFor();
});
