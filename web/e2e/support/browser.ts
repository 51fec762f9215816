/** Chromium with a fresh profile, and what every journey does at its end. */
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { expect } from 'vitest';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A film started by a journey has no finger behind it.
  '--autoplay-policy=no-user-gesture-required',
];
const WAIT_MS = 20_000;
const SCREENSHOTS = new URL('../screenshots/', import.meta.url).pathname;

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium',
    args: FLAGS,
  });
}

/** A person's own browser window: own cookies, English, laptop size. */
export async function openWindow(
  browser: Browser,
  baseURL: string,
): Promise<[BrowserContext, Page]> {
  const context = await browser.newContext({
    baseURL,
    locale: 'en-GB',
    viewport: { width: 1366, height: 768 },
    // Pictures are compared and audited at rest.
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  // A page with an error is of no use to a journey: what it waits for next fails at once, and says why.
  page.on('pageerror', (error) => void context.close({ reason: error.stack ?? error.message }));
  return [context, page];
}

interface Axe {
  run(): Promise<{ violations: { id: string; help: string; nodes: { html: string }[] }[] }>;
}

/** Looks at where the journey ended: nothing is wider than the page, no accessibility rule is broken, and a picture is kept. */
export async function audit(page: Page, name: string): Promise<void> {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: `${SCREENSHOTS}${name}.png` });
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(sideways, `pixels that ${name} is wider than the window`).toBe(0);
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  // Through the debugger: the page's own policy lets no foreign script in.
  await page.evaluate(await readFile(axe, 'utf8'));
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: Axe }).axe.run(),
  );
  const found = violations.map((it) => `${it.id}: ${it.help}\n  ${it.nodes[0]?.html}`);
  expect(found, `accessibility of ${name}`).toEqual([]);
}
