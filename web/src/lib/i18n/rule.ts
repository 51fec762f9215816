import type { Rule } from '$lib/api/types';
import type { I18n } from './i18n.svelte';

const UNITS = [
  { name: 'days', seconds: 86_400 },
  { name: 'hours', seconds: 3_600 },
  { name: 'minutes', seconds: 60 },
] as const;

/** When work comes around, in words: in the largest unit that says it without a remainder. */
export function ruleText(rule: Rule, i18n: Pick<I18n, 't' | 'number'>): string {
  const texts = i18n.t.jobs.rules;
  if (rule.when === 'never') return texts.never;
  if (rule.when === 'cron') return texts.cron(rule.expression);
  const unit = UNITS.find((it) => rule.seconds % it.seconds === 0);
  if (!unit) return texts.seconds(rule.seconds, i18n.number(rule.seconds));
  const count = rule.seconds / unit.seconds;
  return texts[unit.name](count, i18n.number(count));
}
