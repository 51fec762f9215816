/** The text of the box with a filter more or less. */

/** What is between quotes is one piece. */
const pieces = (text: string): string[] => text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];

/** With the filter, once. */
export const withFilter = (text: string, filter: string): string => {
  const all = pieces(text);
  return (all.includes(filter) ? all : [...all, filter]).join(' ');
};

/** Without the first piece that is the filter. */
export const withoutFilter = (text: string, written: string): string => {
  const all = pieces(text);
  const at = all.indexOf(written);
  return all.filter((_, idx) => idx !== at).join(' ');
};

/** Whether it ends with what can be completed: a key, or the value behind one. */
export const isCompletable = (text: string): boolean => /\S$/.test(text) || /:"[^"]*$/.test(text);

/** The key whose value is being typed; empty where none is. */
export const keyAtEnd = (text: string): string =>
  /(?:^|\s)-?(\w+):[^:]*$/.exec(text)?.[1]?.toLowerCase() ?? '';

/** How a page calls the value of a facet. */
export const valueName = (
  key: string,
  value: string,
  language: string,
  words: { kindGroups: Record<string, string>; own: Record<string, string> },
): string => {
  switch (key) {
    case 'kind':
      return words.kindGroups[value] ?? value;
    case 'is':
      return words.own[value] ?? value;
    case 'audio':
    case 'subtitle':
      return languageName(value, language);
    case 'age':
      return `${value}+`;
    case 'rating':
      return `★ ${value}`;
    case 'hdr':
    case 'codec':
      return value.replaceAll('_', ' ').toUpperCase();
    default:
      return value;
  }
};

const languageName = (code: string, language: string): string => {
  try {
    return new Intl.DisplayNames([language], { type: 'language' }).of(code) ?? code;
  } catch {
    // No code of a language: shown as the file has it.
    return code;
  }
};
