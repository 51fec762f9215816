import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { audit } from './support/browser';
import { journey } from './support/journey';
import { enter } from './support/people';

const here = journey();
/** What came to a webhook on this machine. */
const heard: { kind: string; title: string; signature: string | undefined }[] = [];
let listener: Server;

beforeAll(async () => {
  listener = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const signature = request.headers['webhook-signature'];
      heard.push({
        ...(JSON.parse(body) as { kind: string; title: string }),
        signature: String(signature),
      });
      response.writeHead(heard.length === 1 ? 500 : 204).end();
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
});

afterAll(() => listener.close());

test('a target is added, a test goes there, and the log says what became of it', async () => {
  const { page } = here;
  const { port } = listener.address() as AddressInfo;
  await enter(page);
  await page.goto('/settings/notifications');
  await page.getByRole('heading', { name: 'Nothing is told outside of the app' }).waitFor();
  await audit(page, 'notices-none');
  await page.getByRole('radio', { name: 'The server’s' }).click();
  await page.getByRole('heading', { name: 'Mail server' }).waitFor();

  await page.getByRole('button', { name: 'Add a target' }).click();
  const form = page.getByRole('dialog', { name: 'Add a target' });
  await form.getByLabel('Address').fill('gopher://example.org');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByRole('alert').waitFor();
  await form.getByLabel('Address').fill(`json://127.0.0.1:${port}/hook`);
  await form.getByLabel('Name').fill('Kitchen');
  await form.getByRole('switch', { name: 'In the server’s own network' }).click();
  await audit(page, 'notices-form');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText(/^whsec_/).waitFor();
  await form.getByRole('button', { name: 'Done' }).click();

  await page.getByRole('button', { name: 'Send a test: Kitchen' }).click();
  const log = page.getByRole('dialog', { name: 'What went to Kitchen' });
  await log.getByText('Failed').waitFor();
  await log.getByText('it answered with status 500').waitFor();
  await log.getByRole('button', { name: /Send again/ }).click();
  await log.getByText('Sent', { exact: true }).waitFor();
  await audit(page, 'notices-log');
  expect(heard.map((it) => it.kind)).toEqual(['test', 'test']);
  expect(heard[1]).toMatchObject({ title: 'A test from Revenge' });
  expect(heard[1]?.signature).toMatch(/^v1,/);
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Delete: Kitchen' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('heading', { name: 'Nothing is told outside of the app' }).waitFor();
});
