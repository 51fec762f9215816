import { expect, test } from 'vitest';
import { endsNextDay, toLines, toSpans, WEEKDAYS } from './hours';

test('a line says its times for each of its days', () => {
  const lines = [
    { days: 'weekend' as const, from: '09:30', until: '00:00' },
    { days: 'friday' as const, from: '22:00', until: '01:00' },
    { days: 'daily' as const, from: '', until: '10:00' },
  ];
  expect(toSpans(lines)).toEqual([
    { weekday: 'saturday', from_minute: 570, until_minute: 1440 },
    { weekday: 'sunday', from_minute: 570, until_minute: 1440 },
    { weekday: 'friday', from_minute: 1320, until_minute: 60 },
  ]);
  expect(lines.map(endsNextDay)).toEqual([false, true, false]);
});

test('days that have a name together become one line again', () => {
  const every = (from_minute: number, until_minute: number, days = WEEKDAYS.slice()) =>
    days.map((weekday) => ({ weekday, from_minute, until_minute }));
  const spans = [
    ...every(420, 1200),
    ...every(1260, 1440, ['saturday', 'sunday', 'wednesday']),
    ...every(1300, 60, ['monday', 'tuesday', 'wednesday', 'thursday', 'friday']),
  ];
  const lines = toLines(spans);
  expect(lines).toEqual([
    { days: 'daily', from: '07:00', until: '20:00' },
    { days: 'weekend', from: '21:00', until: '00:00' },
    { days: 'wednesday', from: '21:00', until: '00:00' },
    { days: 'workdays', from: '21:40', until: '01:00' },
  ]);
  expect(toSpans(lines)).toHaveLength(spans.length);
  expect(toLines([])).toEqual([]);
});
