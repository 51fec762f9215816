import { expect, test } from 'vitest';
import type { DrawnCue } from '$lib/api/types';
import { DrawnPictures, placeCanvas, placeCue } from './drawn';

const cue = (start_ms: number, end_ms: number): DrawnCue => ({
  start_ms,
  end_ms,
  is_forced: false,
  x: 100,
  y: 1000,
  width: 200,
  height: 60,
  png: '',
});
const answers: Record<string, unknown> = {
  list: { window_ms: 60_000, windows: ['w0', 'w1', 'w2'] },
  w0: { width: 1920, height: 1080, cues: [cue(1_000, 3_000), cue(59_000, 61_000)] },
  w1: { width: 1920, height: 1080, cues: [cue(59_000, 61_000)] },
};

function start(fails = new Set<string>()) {
  const asked: string[] = [];
  const pictures = new DrawnPictures('list', (url) => {
    asked.push(url);
    return fails.has(url) ? Promise.reject(new Error()) : Promise.resolve(answers[url]);
  });
  const settle = () => new Promise((done) => setTimeout(done));
  const starts = (ms: number, now = 0) => pictures.at(ms, now)?.cues.map((it) => it.start_ms);
  return { asked, starts, settle };
}

test('what shows is asked for once, and the next window before it is needed', async () => {
  const { asked, starts, settle } = start();
  expect(starts(0)).toBeUndefined();
  expect(starts(0)).toBeUndefined();
  await settle();
  expect(starts(2_000)).toBeUndefined();
  await settle();
  expect(starts(2_000)).toEqual([1_000]);
  expect(starts(3_000)).toEqual([]);
  expect(asked).toEqual(['list', 'w0']);
  expect(starts(59_500)).toEqual([59_000]);
  await settle();
  expect(asked).toEqual(['list', 'w0', 'w1']);
  expect(starts(60_500)).toEqual([59_000]);
});

test('what does not come is asked for again, but not at once', async () => {
  const { asked, starts, settle } = start(new Set(['list']));
  starts(0, 0);
  await settle();
  starts(0, 4_000);
  expect(asked).toEqual(['list']);
  starts(0, 6_000);
  expect(asked).toEqual(['list', 'list']);
});

test('pictures lie where they were on the disc, on what was cut off, and never beyond the stage', () => {
  const disc = { width: 1920, height: 1080 };
  const whole = placeCanvas({ width: 960, height: 540 }, disc, disc);
  expect(whole).toEqual({ left: 0, top: 0, width: 960, height: 540 });
  expect(placeCue({ width: 960, height: 540 }, disc, whole, cue(0, 1))).toEqual({
    left: 50,
    top: 500,
    width: 100,
    height: 30,
  });
  // A wide film on a wide window: the lower bar is not there.
  const stage = { width: 960, height: 400 };
  const cut = placeCanvas(stage, { width: 1920, height: 800 }, disc);
  expect(cut).toEqual({ left: 0, top: -70, width: 960, height: 540 });
  expect(placeCue(stage, disc, cut, cue(0, 1)).top).toBe(370);
  // A DVD's pixels are stretched with the film's.
  const dvd = placeCanvas(
    { width: 1024, height: 600 },
    { width: 1024, height: 576 },
    { width: 720, height: 576 },
  );
  expect(dvd).toEqual({ left: 0, top: 12, width: 1024, height: 576 });
});
