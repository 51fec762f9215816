import { describe, expect, it } from 'vitest';
import { isCompletable, keyAtEnd, valueName, withFilter, withoutFilter } from './search-text';

describe('the text of the box', () => {
  it('takes a filter once', () => {
    expect(withFilter('star wars', 'genre:Drama')).toBe('star wars genre:Drama');
    expect(withFilter('genre:Drama', 'genre:Drama')).toBe('genre:Drama');
    expect(withFilter('', 'studio:"A B"')).toBe('studio:"A B"');
  });

  it('loses a filter and nothing else', () => {
    expect(withoutFilter('a studio:"A B" genre:X', 'studio:"A B"')).toBe('a genre:X');
    expect(withoutFilter('genre:X', 'genre:X')).toBe('');
    expect(withoutFilter('genre:X genre:X', 'genre:X')).toBe('genre:X');
    expect(withoutFilter('star', 'genre:X')).toBe('star');
  });

  it('is completed at its end, and a value between quotes after a space', () => {
    expect(isCompletable('gen')).toBe(true);
    expect(isCompletable('star ')).toBe(false);
    expect(isCompletable('studio:"A ')).toBe(true);
    expect(isCompletable('studio:"A" ')).toBe(false);
  });

  it('knows whose value is being typed', () => {
    expect(keyAtEnd('star kind:ser')).toBe('kind');
    expect(keyAtEnd('-Genre:com')).toBe('genre');
    expect(keyAtEnd('star')).toBe('');
  });

  it('calls values as people do', () => {
    const words = { kindGroups: { movie: 'Films' }, own: { watched: 'Watched' } };
    expect(valueName('kind', 'movie', 'en', words)).toBe('Films');
    expect(valueName('is', 'watched', 'en', words)).toBe('Watched');
    expect(valueName('audio', 'de', 'en', words)).toBe('German');
    expect(valueName('audio', '???', 'en', words)).toBe('???');
    expect(valueName('hdr', 'dolby_vision', 'en', words)).toBe('DOLBY VISION');
    expect(valueName('genre', 'Drama', 'en', words)).toBe('Drama');
  });
});
