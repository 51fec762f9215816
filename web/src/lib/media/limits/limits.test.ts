import { expect, test } from 'vitest';
import { toLimits, toTexts } from './limits';

test('limits are typed in megabits, and nothing typed is no limit', () => {
  const none = { max_streams: null, max_bitrate_bps: null, max_local_bitrate_bps: null };
  expect(toLimits(toTexts(undefined))).toEqual(none);
  expect(toLimits({ streams: null, mbps: null, localMbps: '' })).toEqual(none);
  const some = { max_streams: 2, max_bitrate_bps: 8_100_000, max_local_bitrate_bps: 40_000_000 };
  expect(toTexts(some)).toEqual({ streams: 2, mbps: 8.1, localMbps: 40 });
  expect(toLimits(toTexts(some))).toEqual(some);
  expect(toLimits({ streams: '3', mbps: '0.3', localMbps: '' })).toEqual({
    ...none,
    max_streams: 3,
    max_bitrate_bps: 300_000,
  });
});
