import type { default as Hls } from 'hls.js';
import { describe, expect, test } from 'vitest';
import { QualityControl, qualityOf } from './quality';

const film = '/api/v1/playback/hls/01/2-a-b-c/0';

/** As much of a player as the control touches; levels ascend, as the player sorts them. */
function player(names: string[]) {
  return {
    levels: names.map((name) => ({ uri: `${film}${name}/media.m3u8?x=1`, averageBitrate: 5e6 })),
    firstLevel: names.length - 1,
    startLevel: -1,
    loadLevel: -1,
    nextLevel: -2,
    bandwidthEstimate: 20e6,
  };
}

const control = (hls: ReturnType<typeof player>) => new QualityControl(hls as unknown as Hls);
const COPY = ['/h264-480-veryfast', '/h264-720-superfast', ''];
const MADE = ['/h264-480-veryfast', '/h264-720-superfast'];

describe('the quality of the picture', () => {
  test('is read from the address of its playlist', () => {
    expect(qualityOf(`${film}/media.m3u8?sig=h264`)).toBe('original');
    expect(qualityOf(`${film}/h264-720-superfast/media.m3u8?sig=x`)).toBe('720');
  });

  test('is the original until a person wants less, and again when they want it back', () => {
    const hls = player(COPY);
    const quality = control(hls);
    quality.begin();
    expect(quality.offered).toEqual(['original', '720', '480']);
    expect([hls.startLevel, hls.loadLevel]).toEqual([2, 2]);
    quality.choose('480');
    expect(hls.nextLevel).toBe(0);
    quality.choose('auto');
    expect(hls.nextLevel).toBe(2);
  });

  test('is left to the player where all is converted', () => {
    const hls = player(MADE);
    const quality = control(hls);
    quality.begin();
    expect([hls.startLevel, hls.loadLevel]).toEqual([1, -1]);
    quality.choose('720');
    expect(hls.nextLevel).toBe(1);
    quality.choose('auto');
    expect(hls.nextLevel).toBe(-1);
  });

  test('falls only when the connection is too slow and nobody chose', () => {
    const hls = player(COPY);
    const quality = control(hls);
    quality.begin();
    quality.starve();
    expect(hls.nextLevel, 'the disk was slow').toBe(-2);
    hls.bandwidthEstimate = 1e6;
    quality.starve();
    expect(hls.nextLevel).toBe(-1);
    quality.choose('original');
    quality.starve();
    expect(hls.nextLevel).toBe(2);
  });
});
