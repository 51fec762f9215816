/** A value of the history as a person reads it. Pure. */

/** Longer texts are cut: the history tells what changed, not all of it. */
const LONGEST = 160;

export function inWords(value: unknown): string {
  const whole = words(value);
  return whole.length > LONGEST ? `${whole.slice(0, LONGEST).trimEnd()} …` : whole;
}

function words(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(Math.round(value * 100) / 100);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.map(words).filter(Boolean).join(', ');
  const { name, provider, id } = value as Record<string, unknown>;
  if (typeof name === 'string') return name;
  if (typeof provider === 'string') return [provider, id].filter(Boolean).map(String).join(' ');
  return Object.values(value).map(words).filter(Boolean).join(', ');
}
