/** Which fields the form shows, and in which order. */
import type { DraftField, ListField } from './draft';

export const LINES = [
  'title',
  'sort_title',
  'original_title',
  'tagline',
  'year',
  'released_on',
  'rating',
  'content_rating',
] as const satisfies readonly DraftField[];

export type LineField = (typeof LINES)[number];

/** Only series have broadcasters. */
export const listsOf = (kind: string): ListField[] =>
  kind === 'series'
    ? ['genres', 'studios', 'networks', 'countries', 'tags']
    : ['genres', 'studios', 'countries', 'tags'];

/** What somebody may have done, as the server calls it. */
export const ROLES = [
  'actor',
  'guest',
  'host',
  'creator',
  'director',
  'writer',
  'producer',
  'composer',
  'cinematographer',
  'editor',
  'design',
  'sound',
  'casting',
  'crew',
] as const;
