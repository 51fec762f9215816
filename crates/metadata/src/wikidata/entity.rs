//! A thing of Wikidata: labels in every language and statements by property.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use serde::Deserialize;

use crate::described::{OtherTitle, Translation};
use crate::document::{Many, Maybe, Number, Text, distinct};
use crate::language::primary;
use crate::{Credit, Described, Facts, Hit, Locale, Role, Subject};

const INSTANCE_OF: &str = "P31";
const IMDB: &str = "P345";
const TMDB_MOVIE: &str = "P4947";
const TMDB_SERIES: &str = "P4983";
const TVDB_SERIES: &str = "P4835";
const TVDB_MOVIE: &str = "P12196";
const TVMAZE_SERIES: &str = "P8600";
const PUBLISHED: &str = "P577";
const STARTED: &str = "P580";
const ENDED: &str = "P582";
const DURATION: &str = "P2047";
const N_EPISODES: &str = "P1113";
const GENRE: &str = "P136";
const COUNTRY: &str = "P495";
const COMPANY: &str = "P272";
const NETWORK: &str = "P449";
const TITLE: &str = "P1476";
/// The two letters of a country.
const COUNTRY_CODE: &str = "P297";
const PEOPLE: [(&str, Role); 7] = [
    ("P170", Role::Creator),
    ("P57", Role::Director),
    ("P58", Role::Writer),
    ("P162", Role::Producer),
    ("P86", Role::Composer),
    ("P344", Role::Cinematographer),
    ("P161", Role::Actor),
];
/// What a film is an instance of: film, short, animated, silent, documentary, television film ...
const FILMS: [&str; 9] = [
    "Q11424",
    "Q24862",
    "Q202866",
    "Q226730",
    "Q93204",
    "Q506240",
    "Q29168811",
    "Q24869",
    "Q20650540",
];
/// And a series: television, animated, anime, miniseries, web, documentary ...
const SERIES: [&str; 8] =
    ["Q5398426", "Q581714", "Q63952888", "Q1259759", "Q526877", "Q117467246", "Q15416", "Q1366112"];
const UNIT_MINUTE: &str = "Q7727";
const UNIT_SECOND: &str = "Q11574";
const UNIT_HOUR: &str = "Q25235";
/// Linked things that are read for their names; it gives at most fifty at once.
const MAX_LINKED: usize = 50;

/// Where the ids of others stand.
pub(super) fn id_properties(subject: Subject) -> [(&'static str, &'static str); 4] {
    match subject {
        Subject::Movie => {
            [("imdb", IMDB), ("tmdb", TMDB_MOVIE), ("tvdb", TVDB_MOVIE), ("tvmaze", TVMAZE_SERIES)]
        }
        Subject::Series => [
            ("imdb", IMDB),
            ("tmdb", TMDB_SERIES),
            ("tvdb", TVDB_SERIES),
            ("tvmaze", TVMAZE_SERIES),
        ],
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Entity {
    id: Text,
    missing: Maybe<serde_json::Value>,
    labels: Maybe<BTreeMap<String, Label>>,
    aliases: Maybe<BTreeMap<String, Many<Label>>>,
    claims: Maybe<HashMap<String, Many<Claim>>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Label {
    value: Text,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Claim {
    rank: Text,
    mainsnak: Maybe<Snak>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Snak {
    datavalue: Maybe<DataValue>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct DataValue {
    value: Maybe<Value>,
}

/// A value of any of its types.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    Thing(Thing),
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Thing {
    id: Text,
    time: Text,
    amount: Text,
    unit: Text,
    text: Text,
    precision: Number,
}

impl Entity {
    pub fn is_missing(&self) -> bool {
        self.missing.is_some() || (self.labels.is_none() && self.claims.is_none())
    }

    /// The values of a property, the preferred first, those that are no longer true left out.
    fn values(&self, property: &str) -> Vec<&Value> {
        let Some(claims) = self.claims.as_ref().and_then(|it| it.get(property)) else {
            return Vec::new();
        };
        let mut claims: Vec<&Claim> =
            claims.iter().filter(|it| it.rank.get() != Some("deprecated")).collect();
        claims.sort_by_key(|it| it.rank.get() != Some("preferred"));
        claims
            .into_iter()
            .filter_map(|it| it.mainsnak.as_ref()?.datavalue.as_ref()?.value.as_ref())
            .collect()
    }

    fn things(&self, property: &str) -> Vec<&str> {
        let values = self.values(property).into_iter().filter_map(|it| match it {
            Value::Thing(thing) => thing.id.get(),
            Value::Text(_) => None,
        });
        values.filter(|it| super::is_entity_id(it)).collect()
    }

    fn text(&self, property: &str) -> Option<String> {
        self.values(property).into_iter().find_map(|it| match it {
            Value::Text(text) => Some(text.trim().to_owned()).filter(|it| !it.is_empty()),
            Value::Thing(thing) => thing.text.get().map(str::to_owned),
        })
    }

    /// The earliest day of a property; where only year or month are known, its year.
    fn day(&self, property: &str) -> (Option<i32>, Option<NaiveDate>) {
        let mut years = Vec::new();
        let mut days = Vec::new();
        for value in self.values(property) {
            let Value::Thing(thing) = value else { continue };
            let Some(time) = thing.time.get().and_then(|it| it.strip_prefix('+')) else { continue };
            years.extend(time.get(..4).and_then(|it| it.parse::<i32>().ok()));
            // 11 is a day, 10 a month, 9 a year.
            if thing.precision.int() == Some(11) {
                let day = time.get(..10).map(|it| NaiveDate::parse_from_str(it, "%Y-%m-%d"));
                days.extend(day.and_then(Result::ok));
            }
        }
        let year = years.into_iter().filter(|it| (1870..=2200).contains(it)).min();
        let day = days.into_iter().min();
        (year, day.filter(|it| Some(chrono::Datelike::year(it)) == year))
    }

    fn runtime_ms(&self) -> Option<i64> {
        self.values(DURATION).into_iter().find_map(|it| {
            let Value::Thing(thing) = it else { return None };
            let amount: f64 = thing.amount.get()?.trim_start_matches('+').parse().ok()?;
            let unit_ms = match thing.unit.get()?.rsplit('/').next()? {
                UNIT_MINUTE => 60_000.0,
                UNIT_SECOND => 1_000.0,
                UNIT_HOUR => 3_600_000.0,
                _ => return None,
            };
            let ms = amount * unit_ms;
            (1_000.0..6e9).contains(&ms).then_some(ms as i64)
        })
    }

    fn episode_count(&self) -> Option<i32> {
        self.values(N_EPISODES).into_iter().find_map(|it| match it {
            Value::Thing(thing) => thing.amount.get()?.trim_start_matches('+').parse().ok(),
            Value::Text(_) => None,
        })
    }

    pub fn is_a(&self, subject: Subject) -> bool {
        let (kinds, id): (&[&str], _) = match subject {
            Subject::Movie => (&FILMS, TMDB_MOVIE),
            Subject::Series => (&SERIES, TMDB_SERIES),
        };
        // There are too many kinds of films to list: one that TMDb has as a film is one.
        self.things(INSTANCE_OF).iter().any(|it| kinds.contains(it)) || self.text(id).is_some()
    }

    /// The label in the first of the wanted languages; English and "all languages" are better than none.
    fn label(&self, locale: &Locale) -> Option<String> {
        let labels = self.labels.as_ref()?;
        let languages = locale.languages();
        let wanted = languages.iter().flat_map(|it| [it.as_str(), primary(it)]);
        let mut wanted = wanted.chain(["mul", "en"]);
        let found = wanted.find_map(|it| labels.get(it)?.value.get());
        found.or_else(|| labels.values().find_map(|it| it.value.get())).map(str::to_owned)
    }

    fn other_titles(&self) -> Vec<OtherTitle> {
        let aliases = self.aliases.as_ref().into_iter().flatten();
        let titles = aliases.flat_map(|(language, list)| {
            list.iter().filter_map(|it| {
                Some(OtherTitle {
                    title: it.value.get()?.to_owned(),
                    country: None,
                    language: Some(language.clone()),
                })
            })
        });
        titles.collect()
    }

    fn ids(&self, subject: Subject) -> BTreeMap<String, String> {
        let mut ids = BTreeMap::new();
        for (provider, property) in id_properties(subject) {
            let is_plain =
                |it: &String| it.len() <= 20 && it.bytes().all(|it| it.is_ascii_alphanumeric());
            if let Some(id) = self.text(property).filter(is_plain) {
                ids.insert(provider.to_owned(), id);
            }
        }
        ids.extend(self.id.get().map(|it| ("wikidata".to_owned(), it.to_owned())));
        ids
    }

    pub fn hit(&self, locale: &Locale) -> Option<Hit> {
        let id = self.id.get()?.to_owned();
        let subject = if self.is_a(Subject::Series) { Subject::Series } else { Subject::Movie };
        let (year, released_on) = self.released(subject);
        let labels = self.labels.as_ref().into_iter().flat_map(|it| it.values());
        let others = self.other_titles();
        let titles = labels.filter_map(|it| it.value.get());
        Some(Hit {
            original_title: self.text(TITLE),
            other_titles: distinct(titles.chain(others.iter().map(|it| it.title.as_str()))),
            year,
            released_on,
            runtime_ms: self.runtime_ms(),
            episode_count: self.episode_count(),
            // The more languages have a name for it, the better known it is.
            popularity: self.labels.as_ref().map_or(0.0, |it| it.len() as f32),
            ids: self.ids(subject),
            ..Hit::new("wikidata", id, self.label(locale)?)
        })
    }

    fn released(&self, subject: Subject) -> (Option<i32>, Option<NaiveDate>) {
        let order = match subject {
            Subject::Movie => [PUBLISHED, STARTED],
            Subject::Series => [STARTED, PUBLISHED],
        };
        let found = order.into_iter().map(|it| self.day(it)).find(|it| it.0.is_some());
        found.unwrap_or_default()
    }

    /// Ids of the things that it names: people, genres, countries, companies.
    pub fn linked(&self) -> Vec<String> {
        let people = PEOPLE.iter().map(|(property, _)| *property);
        let properties = [GENRE, COUNTRY, NETWORK, COMPANY].into_iter().chain(people);
        let mut linked = distinct(properties.flat_map(|it| self.things(it)));
        linked.truncate(MAX_LINKED);
        linked
    }

    pub fn read(&self, subject: Subject, locale: &Locale, linked: &[Self]) -> Described {
        let by_id: HashMap<&str, &Self> =
            linked.iter().filter_map(|it| Some((it.id.get()?, it))).collect();
        let labels = |property| -> Vec<String> {
            let things = self.things(property).into_iter();
            things.filter_map(|it| by_id.get(it)?.label(locale)).collect()
        };
        let countries = self.things(COUNTRY).into_iter();
        let countries = countries.filter_map(|it| by_id.get(it)?.text(COUNTRY_CODE)).collect();
        let credits = PEOPLE.iter().flat_map(|(property, role)| {
            self.things(property).into_iter().filter_map(|id| {
                let name = by_id.get(id)?.label(locale)?;
                let ids = [("wikidata".to_owned(), id.to_owned())].into();
                Some(Credit { ids, ..Credit::new(name, *role) })
            })
        });
        let (year, released_on) = self.released(subject);
        let facts = Facts {
            title: self.label(locale),
            original_title: self.text(TITLE),
            year,
            released_on,
            ended_on: self.day(ENDED).1.filter(|_| subject == Subject::Series),
            runtime_ms: self.runtime_ms(),
            genres: labels(GENRE),
            studios: labels(COMPANY),
            networks: labels(NETWORK),
            countries,
            credits: credits.collect(),
            ids: self.ids(subject),
            ..Facts::default()
        };
        let translations =
            self.labels.as_ref().into_iter().flatten().filter_map(|(language, it)| {
                let title = Some(it.value.get()?.to_owned());
                Some(Translation { language: language.clone(), title, ..Translation::default() })
            });
        Described {
            facts,
            translations: translations.filter(|it| it.language != "mul").collect(),
            other_titles: self.other_titles(),
            ..Described::default()
        }
    }
}
