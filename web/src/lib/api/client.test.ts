import { afterEach, describe, expect, it, vi } from 'vitest';

/** What the browser was asked to send. */
async function sent(init: RequestInit): Promise<Request> {
  let seen: Request | undefined;
  vi.stubGlobal('fetch', (request: Request) => {
    seen = request;
    return Promise.resolve(new Response('{}'));
  });
  vi.resetModules();
  const { reach } = await import('./client');
  await reach(new Request('http://revenge.test/api/v1/items/1', init));
  if (!seen) throw new Error('nothing was sent');
  return seen;
}

const json = (body: string): RequestInit => ({
  method: 'PUT',
  body,
  headers: { 'Content-Type': 'application/json' },
});

describe('a request', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('that changes something outlives its page', async () => {
    const change = await sent(json('{"id":"7"}'));
    expect(change.keepalive).toBe(true);
    expect(await change.text()).toBe('{"id":"7"}');
    expect((await sent({ method: 'DELETE' })).keepalive).toBe(true);
  });

  it('that only asks ends with its page', async () => {
    expect((await sent({ method: 'GET' })).keepalive).toBe(false);
  });

  it('that is too large for it is sent whole all the same', async () => {
    const large = await sent(json('x'.repeat(40_000)));
    expect(large.keepalive).toBe(false);
    expect(await large.text()).toHaveLength(40_000);
  });
});
