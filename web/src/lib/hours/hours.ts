/** Hours of the week as people say them: the same from and until on several days is one line. Pure. */
import type { Span, Weekday } from '$lib/api/types';

export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] satisfies Weekday[];

const GROUPS = {
  daily: WEEKDAYS,
  workdays: WEEKDAYS.slice(0, 5),
  weekend: WEEKDAYS.slice(5),
} satisfies Record<string, Weekday[]>;

/** One day, or several that have a name together. */
export type Days = Weekday | keyof typeof GROUPS;

export const DAYS: Days[] = ['daily', 'workdays', 'weekend', ...WEEKDAYS];

/** One line of a form, times as `07:30`. */
export interface HoursLine {
  days: Days;
  from: string;
  until: string;
}

const weekdaysOf = (days: Days): readonly Weekday[] =>
  days in GROUPS ? GROUPS[days as keyof typeof GROUPS] : [days as Weekday];

/** `07:30` of minutes after midnight; the midnight that ends a day is `00:00`. */
export function toClock(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
}

function toMinutes(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return hours * 60 + minutes;
}

/** Whether what begins so ends on the day after. */
export const endsNextDay = ({ from, until }: HoursLine) =>
  toMinutes(until) <= toMinutes(from) && toMinutes(until) > 0;

/** The spans of all lines; those that are not filled in are none. */
export function toSpans(lines: HoursLine[]): Span[] {
  return lines
    .filter(({ from, until }) => from && until)
    .flatMap(({ days, from, until }) =>
      weekdaysOf(days).map((weekday) => ({
        weekday,
        from_minute: toMinutes(from),
        until_minute: toMinutes(until) || 24 * 60,
      })),
    );
}

/** The lines that say these spans, days together where they have a name together. */
export function toLines(spans: Span[]): HoursLine[] {
  const byTimes = new Map<string, Weekday[]>();
  for (const { weekday, from_minute, until_minute } of spans) {
    const times = `${from_minute}-${until_minute}`;
    byTimes.set(times, [...(byTimes.get(times) ?? []), weekday]);
  }
  return [...byTimes].flatMap(([times, weekdays]) => {
    const [from = 0, until = 0] = times.split('-').map(Number);
    const line = { from: toClock(from), until: toClock(until) };
    let rest: Weekday[] = weekdays;
    const lines: HoursLine[] = [];
    for (const days of DAYS) {
      const meant = weekdaysOf(days);
      if (!meant.every((it) => rest.includes(it))) continue;
      lines.push({ days, ...line });
      rest = rest.filter((it) => !meant.includes(it));
    }
    return lines;
  });
}
