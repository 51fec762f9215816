/** Cast and crew as pages show them. Pure. */
import type { Credit } from '$lib/api/types';

const CAST_ROLES = ['actor', 'guest', 'host'];

/** Somebody with everything they did in one item. */
export interface Part {
  id: string;
  name: string;
  portrait: Credit['portrait'];
  roles: string[];
  characters: string[];
}

export const isCast = (credit: Pick<Credit, 'role'>): boolean => CAST_ROLES.includes(credit.role);

/** Each person once, where they first appear. */
export function byPerson(credits: Credit[]): Part[] {
  const parts = new Map<string, Part>();
  for (const { id, name, portrait, role, character } of credits) {
    const part = parts.get(id) ?? { id, name, portrait, roles: [], characters: [] };
    if (!part.roles.includes(role)) part.roles.push(role);
    if (character && !part.characters.includes(character)) part.characters.push(character);
    parts.set(id, part);
  }
  return [...parts.values()];
}

export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : '']
    .map((it) => (it ? [...it][0] : ''))
    .join('');
}
