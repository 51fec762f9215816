import { expect, test } from 'vitest';
import type { ImageRole, ItemImages } from '$lib/api/types';
import { artworkPath, readRole, tabsOf, withRole } from './artwork-view';

test('the address says whether the chooser is open and at which role', () => {
  const at = (text: string) => readRole(new URLSearchParams(text));
  expect([at(''), at('artwork=logo'), at('artwork=nonsense'), at('artwork=toString')]).toEqual([
    undefined,
    'logo',
    'poster',
    'poster',
  ]);
  const url = new URL('http://house/movies/1?from=start');
  const open = withRole(url, 'banner');
  expect(open.search).toBe('?from=start&artwork=banner');
  expect(withRole(open, undefined).href).toBe(url.href);
  expect(artworkPath({ id: '1', kind: 'series' })).toBe('/shows/1?artwork=poster');
});

test('rare roles have a tab only with a picture, or while they are looked at', () => {
  const role = (role: ImageRole, n: number) => ({
    role,
    is_locked: false,
    images: Array.from({ length: n }, () => ({}) as ItemImages['roles'][0]['images'][0]),
  });
  const roles = [role('poster', 0), role('set_poster', 1), role('set_backdrop', 0)];
  const names = (current: ImageRole) => tabsOf({ roles }, current).map((it) => it.role);
  expect(names('poster')).toEqual(['poster', 'set_poster']);
  expect(names('set_backdrop')).toEqual(['poster', 'set_poster', 'set_backdrop']);
});
