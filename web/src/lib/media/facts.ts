/** The small facts of an item in words, in the order of their interest. */
import type { Credit, ItemDetail } from '$lib/api/types';
import type { I18n } from '$lib/i18n/i18n.svelte';
import { word } from '$lib/i18n/word';
import { castPath, collectionPath } from '$lib/kinds';
import { byPerson } from './credits';

export interface Fact {
  label: string;
  values: { text: string; href?: string }[];
}

/** The few of the crew whom people choose films by; the row of pictures has all. */
const TOLD_ROLES = ['creator', 'director', 'writer'];
/** More names than that are a wall of text. */
const MAX_NAMES = 6;
const MAX_RELEASES = 4;

export function factsOf(item: ItemDetail, i18n: I18n): Fact[] {
  const t = i18n.t.item;
  const plain = (texts: (string | null | undefined)[]) =>
    texts.filter((it) => it != null && it !== '').map((text) => ({ text: text as string }));
  return [
    {
      label: t.collection,
      values: item.collections.map((it) => ({ text: it.name, href: collectionPath(it) })),
    },
    ...TOLD_ROLES.map((role) => ({
      label: word(t.roles, role),
      values: people(item.credits.filter((it) => it.role === role)),
    })),
    { label: t.status, values: plain([item.status && word(t.statuses, item.status)]) },
    { label: t.nextAirs, values: plain([item.next_airs_on && i18n.date(item.next_airs_on)]) },
    { label: t.place, values: plain([placeOf(item, i18n)]) },
    { label: t.networks, values: plain(item.networks) },
    { label: t.studios, values: plain(item.studios) },
    { label: t.countries, values: plain(item.countries.map((it) => i18n.regionName(it))) },
    {
      label: t.originalLanguage,
      values: plain([item.original_language && i18n.languageName(item.original_language)]),
    },
    { label: t.ageRatings, values: plain(ageRatings(item, i18n)) },
    { label: t.releases, values: plain(releases(item, i18n)) },
    { label: t.tags, values: plain(item.tags) },
  ].filter((it) => it.values.length);
}

const people = (credits: Credit[]) =>
  byPerson(credits)
    .slice(0, MAX_NAMES)
    .map((it) => ({ text: it.name, href: castPath(it) }));

/** Of several countries; the one that counts here stands with the title. */
const ageRatings = (item: ItemDetail, i18n: I18n) =>
  item.content_ratings.length > 1
    ? item.content_ratings.map(({ country, rating }) =>
        country ? `${rating} (${i18n.regionName(country)})` : rating,
      )
    : [];

const releases = (item: ItemDetail, i18n: I18n) =>
  item.releases
    .slice(0, MAX_RELEASES)
    .map(({ country, kind, on }) =>
      [
        i18n.date(on),
        [word(i18n.t.item.releaseKinds, kind), country && i18n.regionName(country)]
          .filter(Boolean)
          .join(' '),
      ].join(' '),
    );

/** Where a special belongs among the regular episodes. */
function placeOf({ airs }: ItemDetail, i18n: I18n): string | undefined {
  const t = i18n.t.item;
  if (!airs) return undefined;
  if (airs.after_season != null) return t.airsAfter(t.season(airs.after_season));
  if (airs.before_season == null) return undefined;
  return t.airsBefore(
    airs.before_episode == null
      ? t.season(airs.before_season)
      : `S${airs.before_season} E${airs.before_episode}`,
  );
}
