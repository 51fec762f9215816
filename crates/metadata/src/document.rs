//! Types for the documents of providers: a field that is null, missing or of another type than promised is left out, and
//! costs nothing but itself.

use std::fmt;
use std::ops::Deref;

use chrono::NaiveDate;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// No text of a document is kept longer.
const MAX_TEXT_CHARS: usize = 20_000;
/// No list of a document is kept longer.
const MAX_ENTRIES: usize = 5_000;

/// A text; numbers are read as text, too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text(Option<String>);

impl Text {
    /// The text, where there is one that is not empty.
    pub fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }

    pub fn take(self) -> Option<String> {
        self.0
    }

    /// The day it begins with: `2010-07-16`, with or without a time behind it.
    pub fn date(&self) -> Option<NaiveDate> {
        NaiveDate::parse_from_str(self.get()?.get(..10)?, "%Y-%m-%d").ok()
    }

    /// The year it begins with.
    pub fn year(&self) -> Option<i32> {
        let year = self.get()?.get(..4)?.parse().ok()?;
        (1870..=2200).contains(&year).then_some(year)
    }

    /// As a number that names something: TMDb, TheTVDB and TVmaze count from 1.
    pub fn id(&self) -> Option<String> {
        let text = self.get()?;
        let is_number = text.len() <= 12 && text.bytes().all(|it| it.is_ascii_digit());
        (is_number && text != "0").then(|| text.to_owned())
    }

    /// As an id of IMDb.
    pub fn imdb_id(&self) -> Option<String> {
        let text = self.get()?;
        let digits = text.strip_prefix("tt")?;
        let is_id =
            (5..=12).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit());
        is_id.then(|| text.to_owned())
    }
}

/// A number; one that is written as text is read, too.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Number(Option<f64>);

impl Number {
    pub fn real(self) -> Option<f64> {
        self.0
    }

    pub fn whole(self) -> Option<i64> {
        let value = self.0.filter(|it| it.abs() < 1e15)?;
        (value.fract() == 0.0).then_some(value as i64)
    }

    pub fn int(self) -> Option<i32> {
        i32::try_from(self.whole()?).ok()
    }

    /// Minutes as milliseconds; 0 means that nobody knows.
    pub fn minutes_as_ms(self) -> Option<i64> {
        let minutes = self.real().filter(|it| (0.1..100_000.0).contains(it))?;
        Some((minutes * 60_000.0) as i64)
    }

    /// A mark out of `most`, scaled to ten; 0 means that nobody gave one.
    pub fn out_of(self, most: f64) -> Option<f32> {
        let value = self.real()? * 10.0 / most;
        (value > 0.0 && value <= 10.0).then_some(value as f32)
    }
}

/// What is perhaps there, and perhaps what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Maybe<T>(pub Option<T>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Deref for Maybe<T> {
    type Target = Option<T>;

    fn deref(&self) -> &Option<T> {
        &self.0
    }
}

/// A list without the entries that are not what they should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Many<T>(pub Vec<T>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Deref for Many<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

/// Reads `T`, or anything else as nothing.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Either<T> {
    Good(T),
    Bad(IgnoredAny),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Either::deserialize(deserializer)? {
            Either::Good(value) => Self(Some(value)),
            Either::Bad(_) => Self(None),
        })
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Scalar).map(|it| match it {
            Value::Text(text) => {
                let text = text.trim();
                Self((!text.is_empty()).then(|| text.chars().take(MAX_TEXT_CHARS).collect()))
            }
            Value::Number(number) => Self(Some(number.to_string())),
            Value::Nothing => Self(None),
        })
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(Scalar)
            .map(|it| {
                Self(match it {
                    Value::Text(text) => text.trim().replace(',', "").parse().ok(),
                    Value::Number(number) => Some(number),
                    Value::Nothing => None,
                })
            })
            .map(|it: Self| Self(it.0.filter(|it| it.is_finite())))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Entries(std::marker::PhantomData)).map(Self)
    }
}

enum Value {
    Text(String),
    Number(f64),
    Nothing,
}

struct Scalar;

impl<'de> Visitor<'de> for Scalar {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Nothing)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Nothing)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Nothing)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Nothing)
    }
}

struct Entries<T>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = list.next_element::<Maybe<T>>()? {
            entries.extend(entry.0.filter(|_| entries.len() < MAX_ENTRIES));
        }
        Ok(entries)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
        Scalar.visit_map(map).map(|_| Vec::new())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_str<E>(self, _: &str) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_unit<E>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_none<E>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }
}

/// The names in a list of things that have one.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Named {
    pub name: Text,
}

/// The names of `things`, each once.
pub(crate) fn names(things: &[Named]) -> Vec<String> {
    distinct(things.iter().filter_map(|it| it.name.get()))
}

/// `names`, each once.
pub(crate) fn distinct<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in names {
        if !found.iter().any(|it| it == name) {
            found.push(name.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, serde::Deserialize)]
    #[serde(default)]
    struct Film {
        title: Text,
        runtime: Number,
        genres: Many<Named>,
        set: Maybe<Named>,
        tags: Many<Text>,
    }

    #[test]
    fn a_field_of_another_type_costs_only_itself() {
        let film: Film = serde_json::from_str(
            r#"{ "title": {"no": ["text"]}, "runtime": "1,170", "genres": [{"name": "Crime"}, 5, null, {"name": {}}],
                 "set": "none", "tags": "none", "more": true }"#,
        )
        .expect("a film");
        assert_eq!(film.title.get(), None);
        assert_eq!(film.runtime.whole(), Some(1170));
        assert_eq!(names(&film.genres), ["Crime"]);
        assert!(film.set.is_none());
        assert!(film.tags.is_empty());
        let film: Film = serde_json::from_str(
            r#"{ "title": 1917, "runtime": null, "genres": null, "set": {"name": " Dreams "}, "tags": ["a", 2, []] }"#,
        )
        .expect("a film");
        assert_eq!(film.title.get(), Some("1917"));
        assert_eq!(film.runtime, Number(None));
        assert_eq!(film.set.as_ref().and_then(|it| it.name.get()), Some("Dreams"));
        let tags: Vec<_> = film.tags.iter().filter_map(Text::get).collect();
        assert_eq!(tags, ["a", "2"]);
    }

    #[test]
    fn numbers_say_what_they_are_or_nothing() {
        let number = |it| Number(Some(it));
        assert_eq!(number(148.0).minutes_as_ms(), Some(8_880_000));
        assert_eq!(number(0.0).minutes_as_ms(), None);
        assert_eq!(number(-4.0).out_of(10.0), None);
        assert_eq!(number(84.0).out_of(100.0), Some(8.4));
        assert_eq!(number(1e300).whole(), None);
        assert_eq!(number(1.5).int(), None);
    }

    #[test]
    fn texts_are_dates_and_ids_only_if_they_look_like_it() {
        let text = |it: &str| Text(Some(it.to_owned()));
        assert_eq!(text("2010-07-15T00:00:00Z").date(), NaiveDate::from_ymd_opt(2010, 7, 15));
        assert_eq!(text("2010-13-45").date(), None);
        assert_eq!(text("0000-00-00").year(), None);
        assert_eq!(text("tt0113277").imdb_id().as_deref(), Some("tt0113277"));
        assert_eq!(text("tt../etc").imdb_id(), None);
        assert_eq!(text("949").id().as_deref(), Some("949"));
        assert_eq!(text("0").id(), None);
        assert_eq!(text("94a").id(), None);
    }
}
