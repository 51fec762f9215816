import { describe, expect, it } from 'vitest';
import { areaAddress, isAdultPath } from './area';

describe('the border of the area', () => {
  it('is a folder of the app', () => {
    expect(['/adult', '/adult/scenes/1', '/adults', '/movies/adult'].map(isAdultPath)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('changes the addresses of content inside, and of nothing else', () => {
    const inside = (url: string) => areaAddress(url, true);
    expect(inside('/api/v1/items?limit=1')).toBe('/api/v1/adult/items?limit=1');
    expect(inside('/api/v1/media')).toBe('/api/v1/adult/media');
    expect(inside('/api/v1/me')).toBe('/api/v1/me');
    expect(inside('/api/v1/me/adult')).toBe('/api/v1/me/adult');
    expect(areaAddress('/api/v1/items', false)).toBe('/api/v1/items');
  });
});
