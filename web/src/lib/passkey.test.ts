import { expect, test } from 'vitest';
import { toBytes, toText } from './passkey';

test('bytes survive the way to the server and back', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, it) => it);
  for (const length of [0, 1, 2, 3, 255, 256]) {
    const text = toText(bytes.slice(0, length).buffer);
    expect(text).toMatch(/^[\w-]*$/);
    expect(toBytes(text)).toEqual(bytes.slice(0, length));
  }
});
