/** What stands in the form that edits an item, and what of it is to be told to the server. Pure. */
import type { CreditEdit, ItemDetail, ItemPatch } from '$lib/api/types';

/** Every field that a person can edit, as text and lists. */
export interface Draft {
  title: string;
  sort_title: string;
  original_title: string;
  tagline: string;
  overview: string;
  year: string;
  released_on: string;
  rating: string;
  content_rating: string;
  genres: string[];
  tags: string[];
  studios: string[];
  networks: string[];
  countries: string[];
  credits: CreditEdit[];
}

export type DraftField = keyof Draft;

export type ListField = 'genres' | 'tags' | 'studios' | 'networks' | 'countries';

export function draftOf(item: ItemDetail): Draft {
  return {
    title: item.title,
    sort_title: item.sort_title,
    original_title: item.original_title ?? '',
    tagline: item.tagline ?? '',
    overview: item.overview ?? '',
    year: text(item.year),
    released_on: item.released_on ?? '',
    // The server counts in single precision: 7.3 comes as 7.300000190734863.
    rating: item.rating == null ? '' : String(Math.round(item.rating * 100) / 100),
    content_rating: item.content_rating ?? '',
    genres: item.genres,
    tags: item.tags,
    studios: item.studios,
    networks: item.networks,
    countries: item.countries,
    credits: item.credits.map(({ name, role, character }) => ({ name, role, character })),
  };
}

const text = (value: number | null | undefined) => (value == null ? '' : String(value));

export const isSame = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** The fields in which `draft` differs from `start`. */
export const editedFields = (start: Draft, draft: Draft): DraftField[] =>
  (Object.keys(start) as DraftField[]).filter((field) => !isSame(start[field], draft[field]));

/**
 * What to send: the edited fields, and the locks where they are not just what editing makes of them.
 *
 * `wasLocked` is what the server has, `locked` what the person wants.
 */
export function patchOf(
  start: Draft,
  draft: Draft,
  wasLocked: readonly string[],
  locked: readonly string[],
): ItemPatch {
  const edited = editedFields(start, draft);
  const patch: Record<string, unknown> = {};
  for (const field of edited) patch[field] = valueOf(draft, field);
  const byItself = [...new Set([...wasLocked, ...edited])].sort();
  if (!isSame(byItself, [...locked].sort())) patch['locked'] = [...locked];
  return patch;
}

/** A field as the server wants it; an empty one is null. */
function valueOf(draft: Draft, field: DraftField): unknown {
  const value = draft[field];
  if (field === 'credits') return draft.credits.filter((it) => it.name.trim());
  if (typeof value !== 'string') return value;
  const trimmed = value.trim();
  if (field === 'title') return trimmed;
  if (!trimmed) return null;
  return field === 'year' || field === 'rating' ? Number(trimmed.replace(',', '.')) : trimmed;
}
