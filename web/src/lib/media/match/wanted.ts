/** What a person typed into the search for a match: a title, or an id they pasted. Pure. */
import type { MatchQuery } from '$lib/api/types';

/** An address, `tt0113277`, `tmdb:949`, `Q1234`: what no title looks like. */
const LOOKS_LIKE_ID = /^(https?:\/\/\S+|tt\d{5,}|q\d{3,}|[a-z]+[:-]\s*\w*\d+)$/i;

export function wantedOf(text: string, year: string): MatchQuery {
  const trimmed = text.trim();
  if (LOOKS_LIKE_ID.test(trimmed)) return { id: trimmed };
  const number = Number(year.trim());
  return {
    title: trimmed || undefined,
    year: Number.isInteger(number) && number > 1800 && number < 2200 ? number : undefined,
  };
}

/** What to search for first: what the names of its files say, since what it was taken for may be wrong. */
export function startOf(
  item: { title: string; year?: number | null | undefined },
  { sources }: { sources: { source: string; facts: unknown }[] },
): { title: string; year: number | undefined } {
  const facts = sources.find((it) => it.source === 'name')?.facts;
  const { title, year } = (facts ?? {}) as Record<string, unknown>;
  if (typeof title !== 'string') return { title: item.title, year: item.year ?? undefined };
  return { title, year: typeof year === 'number' ? year : undefined };
}
