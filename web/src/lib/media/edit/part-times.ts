/** Moments of a film as a person writes them. */

const CLOCK = /^(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?:[.,](\d{1,3}))?$/;

/** `1:02:30`, `62:30` or `62:30.5` in milliseconds; nothing for anything else. */
export function readClock(text: string): number | undefined {
  const found = CLOCK.exec(text.trim());
  if (!found) return undefined;
  const [, hours = '0', minutes = '0', seconds = '0', parts = ''] = found;
  if (Number(seconds) > 59) return undefined;
  const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return whole * 1000 + Number(parts.padEnd(3, '0'));
}

/** The same the other way round, to the tenth of a second. */
export function writeClock(ms: number): string {
  const tenths = Math.max(0, Math.round(ms / 100));
  const [hours, minutes] = [Math.floor(tenths / 36_000), Math.floor(tenths / 600) % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  const head = hours ? `${hours}:${two(minutes)}` : String(minutes);
  const rest = tenths % 10 ? `.${tenths % 10}` : '';
  return `${head}:${two(Math.floor(tenths / 10) % 60)}${rest}`;
}
