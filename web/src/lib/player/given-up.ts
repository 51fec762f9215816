/** What this browser made nothing of, film by film, so that the next start does not try it again. */
import type { GivenUp } from '../api/types';

const STORED = 'revenge.given-up';
/** A newer browser, or a better file, gets another try. */
const KEPT_MS = 30 * 24 * 3_600_000;
const MAX_FILMS = 50;

interface Entry {
  film: string;
  givenUp: GivenUp;
  at: number;
}

/** What of a film is not worth trying. */
export function recallGivenUp(film: string, now = Date.now()): GivenUp | undefined {
  return entries(now).find((it) => it.film === film)?.givenUp;
}

/** Keeps it, or forgets it where nothing was gained by it. */
export function keepGivenUp(film: string, givenUp: GivenUp | undefined, now = Date.now()): void {
  const others = entries(now).filter((it) => it.film !== film);
  const all = givenUp ? [...others, { film, givenUp, at: now }] : others;
  localStorage.setItem(STORED, JSON.stringify(all.slice(-MAX_FILMS)));
}

function entries(now: number): Entry[] {
  try {
    const all: unknown = JSON.parse(localStorage.getItem(STORED) ?? '[]');
    return Array.isArray(all) ? all.filter(isEntry).filter((it) => now - it.at < KEPT_MS) : [];
  } catch {
    return [];
  }
}

function isEntry(it: unknown): it is Entry {
  const { film, givenUp, at } = (it ?? {}) as Partial<Entry>;
  const isKnown = givenUp === 'file' || givenUp === 'pictures';
  return typeof film === 'string' && isKnown && typeof at === 'number';
}
