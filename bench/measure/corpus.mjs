// Plays films of the corpus in Chromium, as a person would through the web app, and writes a line of JSON about each: as the
// browser asks for it and, where that is the file itself, once more as one that opens no files.
// Standard input: {"url", "person": {"name", "password"}, "films": [{"id", "title", "asked": [seconds, ...]}]}.
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');

const FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
  '--autoplay-policy=no-user-gesture-required'];
const PATIENCE_MS = 40_000;
/** The film is watched for so long from its beginning, and from so long before its end. */
const WATCHED_S = 3;
const TAIL_S = 2;
/** The page asks for the next way within this, or not at all. */
const AGAIN_MS = 3_000;
/** Films that play at a time: most of the while is waiting for the clock. */
const AT_A_TIME = 3;

const { url, person, films } = JSON.parse(await text(process.stdin));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium', args: FLAGS });
const context = await browser.newContext({ baseURL: url, locale: 'en-GB', viewport: { width: 960, height: 600 } });
context.setDefaultTimeout(PATIENCE_MS);
await context.addInitScript(listen);
try {
  await signIn(await context.newPage());
  const left = [...films];
  await Promise.all(
    Array.from({ length: AT_A_TIME }, async () => {
      for (let film = left.shift(); film; film = left.shift()) {
        const seen = await watch(film, false);
        if (seen.first === 'direct') await watch(film, true);
      }
    }),
  );
} finally {
  await browser.close();
}

async function signIn(page) {
  await page.goto('/');
  await page.getByLabel('Name').fill(person.name);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation').first().waitFor();
  await page.close();
}

/** Plays a film in a page of its own, and tells of it. */
async function watch(film, opensNoFiles) {
  const page = await context.newPage();
  if (opensNoFiles) {
    await page.route('**/api/v1/playback', (route) => {
      const body = route.request().postDataJSON();
      return route.continue({ postData: { ...body, profile: { ...body.profile, containers: [] } } });
    });
  }
  const seen = await play(page, film).catch((error) => ({ failure: error.message.split('\n')[0] }));
  console.log(JSON.stringify({ title: film.title, opensNoFiles, ...seen }));
  await page.close();
  return seen;
}

/** Keeps count of what the video element tells, from before the app begins, as in a browser that never played a film. */
function listen() {
  localStorage.removeItem('revenge.given-up');
  window.seen = { waiting: 0, ended: false, isPlaying: false, error: '' };
  const on = (event, act) => document.addEventListener(event, act, true);
  on('playing', () => (window.seen.isPlaying = true));
  on('seeking', () => (window.seen.isPlaying = false));
  // What is waited for after a seek is the seek; what is waited for in the middle is a stall.
  on('waiting', () => (window.seen.waiting += window.seen.isPlaying ? 1 : 0));
  on('ended', () => (window.seen.ended = true));
  on('error', ({ target }) => (window.seen.error ||= target.error?.message ?? ''));
}

/** Plays a film the way the server chose; where the browser gives that up, the next way that the page asks for. */
async function play(page, film) {
  const answers = [];
  page.on('response', async (it) => {
    if (it.request().method() === 'POST' && it.url().endsWith('/api/v1/playback')) answers.push(await it.json());
  });
  const began = Date.now();
  await page.goto(`/watch/${film.id}?from=start`);
  for (let n_ways = 1; ; n_ways++) {
    await until(() => answers.length >= n_ways, PATIENCE_MS);
    const { method, url, reasons } = answers[n_ways - 1];
    const told = { first: answers[0].method, given_up: n_ways - 1, method, url, reasons: reasons?.map((it) => it.code) };
    if (method === 'unsupported') return told;
    const seen = await playOneWay(page, film.asked, began).catch((error) => ({ error: error.message.split('\n')[0] }));
    if (!seen.error || !(await until(() => answers.length > n_ways, AGAIN_MS))) return { ...told, ...seen };
    await page.evaluate(() => Object.assign(window.seen, { waiting: 0, ended: false, isPlaying: false, error: '' }));
  }
}

async function playOneWay(page, asked, began) {
  const evaluate = (act, argument) => page.locator('video').evaluate(act, argument);
  const isAt = (seconds) =>
    page.waitForFunction((it) => document.querySelector('video')?.currentTime >= it || window.seen.error, seconds,
      { polling: 100 });
  const failed = () => page.evaluate(() => window.seen.error);
  await isAt(0.05);
  if (await failed()) return { error: await failed() };
  const start_ms = Date.now() - began;
  const stretch = Math.min(WATCHED_S, (await evaluate((it) => it.duration)) / 2);
  await isAt(stretch);
  const holes = await evaluate((it) => it.buffered.length - 1);
  const frames = [];
  for (const seconds of asked) {
    frames.push(await evaluate(frameAt, seconds));
    if (await failed()) break;
  }
  const duration_s = await evaluate((it) => it.duration);
  await evaluate((it, seconds) => {
    it.currentTime = Math.max(0, it.duration - seconds);
    void it.play();
  }, TAIL_S);
  await page.waitForFunction(() => window.seen.ended || window.seen.error, undefined, { polling: 100 }).catch(() => undefined);
  const { waiting, ended, error } = await page.evaluate(() => window.seen);
  return { start_ms, stalls: waiting, holes, frames, duration_s, ended, error };
}

/** Whether it came true in so many milliseconds. */
async function until(isSo, patienceMs) {
  for (const end = Date.now() + patienceMs; !isSo(); ) {
    if (Date.now() > end) return false;
    await new Promise((done) => setTimeout(done, 50));
  }
  return true;
}

/** Goes to `seconds`, and reads the number of the frame that is shown: see `films.py`. */
async function frameAt(it, seconds) {
  const LONGEST_FRAME_S = 0.2;
  it.pause();
  let at;
  const isShown = new Promise((done) => {
    const give = setTimeout(() => done(false), 5_000);
    const look = (_, { mediaTime }) => {
      at = mediaTime;
      // A picture of where it was may still be on its way; the next may be a while away.
      const isOther = mediaTime > seconds + 0.01 || mediaTime < seconds - LONGEST_FRAME_S;
      if (it.seeking || isOther) return void it.requestVideoFrameCallback(look);
      clearTimeout(give);
      done(true);
    };
    it.requestVideoFrameCallback(look);
  });
  it.currentTime = seconds;
  const was_shown = await isShown;
  // The frame is on the screen when the next is due.
  await new Promise((done) => setTimeout(done, 60));
  const canvas = new OffscreenCanvas(it.videoWidth, it.videoHeight);
  const drawing = canvas.getContext('2d');
  drawing.drawImage(it, 0, 0);
  const [top, height] = [Math.round(it.videoHeight * 0.06), Math.max(1, Math.round(it.videoHeight * 0.12))];
  const { data, width } = drawing.getImageData(0, top, it.videoWidth, height);
  const cells = Array.from({ length: 16 }, (_, cell) => {
    const [from, to] = [cell + 0.3, cell + 0.7].map((at) => Math.round((at * width) / 16));
    let sum = 0;
    for (let row = 0; row < height; row++)
      for (let x = from; x < to; x++) sum += data[(row * width + x) * 4 + 1];
    return sum / (height * Math.max(1, to - from));
  });
  return { asked: seconds, media: at, was_shown, cells: cells.map(Math.round) };
}
