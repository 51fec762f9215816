/** One server and one browser for the tests of a file. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { openBrowser, openWindow } from './browser';
import { RevengeServer } from './server';

export interface Journey {
  server: RevengeServer;
  browser: Browser;
  /** The window of the person who sets the server up. */
  page: Page;
}

/** Filled before the first test of the file runs. */
export function journey(): Journey {
  const it = {} as Journey;
  beforeAll(async () => {
    it.server = await RevengeServer.start();
    it.browser = await openBrowser();
    [, it.page] = await openWindow(it.browser, it.server.url);
  });
  afterAll(async () => {
    await it.browser?.close();
    await it.server?.stop();
  });
  return it;
}
