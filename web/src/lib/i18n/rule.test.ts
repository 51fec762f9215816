import { expect, test } from 'vitest';
import type { Rule } from '$lib/api/types';
import { I18n } from './i18n.svelte';
import { ruleText } from './rule';

const [english, german] = [new I18n('en'), new I18n('de')];

test('an interval is told in the largest unit that says it whole', () => {
  const said = (rule: Rule) => ruleText(rule, english);
  expect(said({ when: 'every', seconds: 86_400 })).toBe('every day');
  expect(said({ when: 'every', seconds: 2 * 86_400 })).toBe('every 2 days');
  expect(said({ when: 'every', seconds: 3_600 })).toBe('every hour');
  expect(said({ when: 'every', seconds: 90 * 60 })).toBe('every 90 minutes');
  expect(said({ when: 'every', seconds: 61 })).toBe('every 61 seconds');
  expect(said({ when: 'cron', expression: '0 3 * * *' })).toBe('0 3 * * * (UTC)');
  expect(said({ when: 'never' })).toBe('on request only');
  expect(ruleText({ when: 'every', seconds: 60 }, german)).toBe('jede Minute');
});
