/** Search rules as a person writes them: one to a line. */
import type { SearchRules } from '$lib/api/types';

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((it) => it.trim())
    .filter(Boolean);

/** A group of synonyms to a line, parted by commas. */
export const synonymsOf = (text: string): SearchRules['synonyms'] =>
  lines(text).map((line) =>
    line
      .split(',')
      .map((it) => it.trim())
      .filter(Boolean),
  );

export const stopWordsOf = (text: string): string[] => lines(text);

export const synonymsText = (groups: string[][]): string =>
  groups.map((it) => it.join(', ')).join('\n');
