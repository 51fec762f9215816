/** A browser for the tests of a file, and the server they talk to. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, inject } from 'vitest';
import { openBrowser, openWindow } from './browser';
import { RevengeServer } from './server';

export interface Journey {
  url: string;
  browser: Browser;
  page: Page;
}

/** A journey through the server that holds the demo. Filled before the first test of the file runs. */
export function journey(): Journey {
  const it = { url: '' } as Journey;
  beforeAll(async () => {
    it.url = inject('url');
    it.browser = await openBrowser();
    [, it.page] = await openWindow(it.browser, it.url);
  });
  afterAll(() => it.browser?.close());
  return it;
}

/** A journey that begins with an empty server, may stop and resume it. `settings` are asked for before it starts. */
export function journeyFromNothing(
  settings: () => Promise<Record<string, string>> = () => Promise.resolve({}),
): Journey & { server: RevengeServer } {
  const it = {} as Journey & { server: RevengeServer };
  beforeAll(async () => {
    it.server = await RevengeServer.start(await settings());
    it.url = it.server.url;
    it.browser = await openBrowser();
    [, it.page] = await openWindow(it.browser, it.url);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    const seen = await it.page.innerText('body').catch((error: Error) => error.message);
    console.error(`${it.page.url()} shows:\n${seen}\n\nthe server says:\n${it.server.said}`);
  });
  afterAll(async () => {
    await it.browser?.close();
    await it.server?.stop();
  });
  return it;
}
