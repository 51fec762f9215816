import { expect, test } from 'vitest';
import type { ProgressReport } from '$lib/api/types';
import { ProgressReporter, REPORT_EVERY_MS } from './progress-reporter';

function start() {
  const sent: ProgressReport[] = [];
  return { sent, reporter: new ProgressReporter('file', (it) => sent.push(it)) };
}

test('a playing film is reported at once and then every ten seconds', () => {
  const { sent, reporter } = start();
  for (let now = 0; now <= 25_000; now += 250) reporter.playing(now, 60_000, now);
  expect(sent.map((it) => it.position_ms)).toEqual([0, REPORT_EVERY_MS, 2 * REPORT_EVERY_MS]);
});

test('a pause is reported whatever the time, and so is playing on', () => {
  const { sent, reporter } = start();
  reporter.playing(0, 60_000, 0);
  reporter.paused(1_000, 60_000);
  reporter.playing(1_250, 60_000, 1_250);
  expect(sent.map((it) => it.state)).toEqual(['playing', 'paused', 'playing']);
});

test('a page that closes in several ways reports its stop once', () => {
  const { sent, reporter } = start();
  reporter.stopped(5_000, 60_000);
  reporter.stopped(5_000, 60_000);
  expect(sent).toEqual([
    { state: 'stopped', position_ms: 5_000, duration_ms: 60_000, file_id: 'file' },
  ]);
});

test('a player that stands still goes on telling so', () => {
  const { sent, reporter } = start();
  reporter.paused(5_000, 60_000);
  reporter.standing(5_000, 60_000);
  expect(sent.map((it) => [it.state, it.position_ms])).toEqual([
    ['paused', 5_000],
    ['paused', 5_000],
  ]);
});

test('a length that nobody knows is left out', () => {
  const { sent, reporter } = start();
  reporter.paused(1_000.4, undefined);
  expect(sent[0]).toMatchObject({ position_ms: 1_000, duration_ms: undefined });
});
