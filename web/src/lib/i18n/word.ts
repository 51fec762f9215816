/** The word for a name that the server gives; the name itself where the app has no word for it. */
export const word = (words: Readonly<Record<string, string>>, name: string): string =>
  words[name] ?? name;
