import { expect, test } from 'vitest';
import { unmadeBy, withUnmade } from './unmade';

const FILE = '0198f3a1-0000-7000-8000-000000000001';
const bytes = (text: string) => new TextEncoder().encode(text).buffer;
const PROBLEM = bytes('{"status":409,"code":"playback.not_converted"}');
const of = (part: string) => `https://x/api/v1/playback/hls/${FILE}/1-2-3/${part}?expires=1`;

test('a conversion that failed is known by its address and what is answered', () => {
  const failed = (part: string) => unmadeBy({ url: of(part), status: 409, body: PROBLEM });
  expect(failed('0/h264-480-veryfast/segments/7')).toEqual({ file_id: FILE, stream: 0 });
  expect(failed('12/aac/init.mp4')).toEqual({ file_id: FILE, stream: 12 });
  expect(failed('0/segments/7')).toBeUndefined();
  expect(failed('0/init.mp4')).toBeUndefined();
});

test.each([
  { url: of('0/aac/segments/7'), status: 409, body: bytes('{"code":"playback.file_changed"}') },
  { url: of('0/aac/segments/7'), status: 409, body: bytes('null') },
  { url: of('0/aac/segments/7'), status: 409, body: bytes('{') },
  { url: of('0/aac/segments/7'), status: 409, body: undefined },
  { url: of('0/aac/segments/7'), status: 503, body: PROBLEM },
  { url: undefined, status: 409, body: PROBLEM },
])('other failures are no failed conversion: %o', (answer) => {
  expect(unmadeBy(answer)).toBeUndefined();
});

test('a stream is told of once', () => {
  const one = { file_id: FILE, stream: 0 };
  const all = withUnmade([], one);
  expect(all).toEqual([one]);
  expect(withUnmade(all ?? [], { ...one, stream: 1 })).toHaveLength(2);
  expect(withUnmade(all ?? [], { ...one })).toBeUndefined();
});
