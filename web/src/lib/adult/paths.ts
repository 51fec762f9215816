/** The area's pages. */
import { adultHome } from './area';
import type { SceneLink, SharedList } from './queries';

export const listPath = (list: SharedList): string => `${adultHome}/${list}`;
export const librariesPath = `${adultHome}/libraries`;
export const boxesPath = `${adultHome}/boxes`;
export const duplicatesPath = `${adultHome}/duplicates`;
export const lockPath = `${adultHome}/lock`;

/** Where the scenes are that have this in common. */
export const linkPath = ({ kind, id }: Pick<SceneLink, 'kind' | 'id'>): string => {
  if (kind === 'performer') return `${adultHome}/performers/${id}`;
  return `${adultHome}/${kind === 'studio' ? 'studios' : 'tags'}/${id}`;
};
export const reviewPath = `${adultHome}/review`;
export const searchPath = `${adultHome}/search`;
