//! The fields of an item that a person can edit, and what may stand in them. Pure.

use chrono::{Datelike as _, NaiveDate};
use kernel::{Error, Result};
use metadata::{Role, age_rating};
use serde_json::{Value, json};

use super::{CreditEdit, ItemPatch};
use crate::describe::rows::{NamedCredit, named};
use crate::describe::store::lists::LabelRow;
use crate::describe::store::people::Named;

/// Letters of a line.
const MAX_LINE: usize = 300;
/// Letters of a text.
const MAX_TEXT: usize = 20_000;
/// Entries of a list of words.
const MAX_WORDS: usize = 60;
const MAX_CREDITS: usize = 200;

/// The fields that can be locked.
pub const LOCKABLE: [&str; 15] = [
    "title",
    "sort_title",
    "original_title",
    "tagline",
    "overview",
    "year",
    "released_on",
    "rating",
    "content_rating",
    "genres",
    "tags",
    "studios",
    "networks",
    "countries",
    "credits",
];

/// The lists of words: field, and the kind of its labels.
pub const LISTS: [(&str, &str); 5] = [
    ("genres", "genre"),
    ("tags", "tag"),
    ("studios", "studio"),
    ("networks", "network"),
    ("countries", "country"),
];

/// What stands in the fields of an item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    pub title: String,
    pub sort_title: String,
    pub original_title: Option<String>,
    pub tagline: Option<String>,
    pub overview: Option<String>,
    pub year: Option<i32>,
    pub released_on: Option<NaiveDate>,
    pub rating: Option<f32>,
    pub content_rating: Option<String>,
    pub genres: Vec<String>,
    pub tags: Vec<String>,
    pub studios: Vec<String>,
    pub networks: Vec<String>,
    pub countries: Vec<String>,
    pub credits: Vec<CreditEdit>,
}

impl Values {
    /// What stands in `field`; null for one that there is not.
    pub fn get(&self, field: &str) -> Value {
        match field {
            "title" => json!(self.title),
            "sort_title" => json!(self.sort_title),
            "original_title" => json!(self.original_title),
            "tagline" => json!(self.tagline),
            "overview" => json!(self.overview),
            "year" => json!(self.year),
            "released_on" => json!(self.released_on),
            "rating" => json!(self.rating),
            "content_rating" => json!(self.content_rating),
            "genres" => json!(self.genres),
            "tags" => json!(self.tags),
            "studios" => json!(self.studios),
            "networks" => json!(self.networks),
            "countries" => json!(self.countries),
            "credits" => json!(self.credits),
            _ => Value::Null,
        }
    }

    /// Puts `value`, as [`Self::get`] gave it once, into `field`. What does not fit is left as it is.
    pub fn set(&mut self, field: &str, value: Value) {
        fn put<T: serde::de::DeserializeOwned>(place: &mut T, value: Value) {
            if let Ok(value) = serde_json::from_value(value) {
                *place = value;
            }
        }
        match field {
            "title" => put(&mut self.title, value),
            "sort_title" => put(&mut self.sort_title, value),
            "original_title" => put(&mut self.original_title, value),
            "tagline" => put(&mut self.tagline, value),
            "overview" => put(&mut self.overview, value),
            "year" => put(&mut self.year, value),
            "released_on" => put(&mut self.released_on, value),
            "rating" => put(&mut self.rating, value),
            "content_rating" => put(&mut self.content_rating, value),
            "genres" => put(&mut self.genres, value),
            "tags" => put(&mut self.tags, value),
            "studios" => put(&mut self.studios, value),
            "networks" => put(&mut self.networks, value),
            "countries" => put(&mut self.countries, value),
            "credits" => put(&mut self.credits, value),
            _ => {}
        }
    }

    /// The words of a list.
    pub fn words(&self, field: &str) -> &[String] {
        match field {
            "genres" => &self.genres,
            "tags" => &self.tags,
            "studios" => &self.studios,
            "networks" => &self.networks,
            "countries" => &self.countries,
            _ => &[],
        }
    }

    /// The labels of the list `field`.
    pub fn labels(
        &self,
        item: kernel::id::ItemId,
        field: &'static str,
        kind: &'static str,
    ) -> Vec<LabelRow> {
        named(item, kind, field, self.words(field))
    }

    /// The age that the content rating stands for.
    pub fn content_rating_age(&self) -> Option<i16> {
        self.content_rating.as_deref().and_then(age_rating::age)
    }

    /// The people of the credits.
    pub fn named_credits(&self) -> Vec<NamedCredit> {
        let named = self.credits.iter().filter_map(|credit| {
            let identity = naming::fold(&credit.name);
            let role = Role::of(&credit.role)?;
            (!identity.is_empty()).then(|| NamedCredit {
                person: Named {
                    sort_name: naming::sort_title(&credit.name),
                    identity,
                    name: credit.name.clone(),
                    id: None,
                },
                role: role.as_str(),
                character: credit.character.clone(),
                picture: None,
            })
        });
        named.collect()
    }
}

/// What `patch` asks to put into which field, checked.
pub fn changes(patch: &ItemPatch) -> Result<Vec<(&'static str, Value)>> {
    let mut changes: Vec<(&'static str, Value)> = Vec::new();
    if let Some(title) = &patch.title {
        let title = line("title", title)?
            .ok_or_else(|| Error::invalid("title", "a title has at least one letter"))?;
        changes.push(("title", json!(title)));
    }
    let lines = [
        ("sort_title", &patch.sort_title),
        ("original_title", &patch.original_title),
        ("tagline", &patch.tagline),
        ("content_rating", &patch.content_rating),
    ];
    for (field, entered) in lines {
        if let Ok(entered) = entered.clone().said() {
            let text = entered.as_deref().map(|it| line(field, it)).transpose()?.flatten();
            changes.push((field, json!(text)));
        }
    }
    if let Ok(overview) = patch.overview.clone().said() {
        let text = overview.as_deref().map(|it| text("overview", it)).transpose()?.flatten();
        changes.push(("overview", json!(text)));
    }
    if let Ok(year) = patch.year.clone().said() {
        if year.is_some_and(|it| !(1800..=2200).contains(&it)) {
            return Err(Error::invalid("year", "a year from 1800 to 2200"));
        }
        changes.push(("year", json!(year)));
    }
    if let Ok(on) = patch.released_on.clone().said() {
        if on.is_some_and(|it| !(1800..=2200).contains(&it.year())) {
            return Err(Error::invalid("released_on", "a day from 1800 to 2200"));
        }
        changes.push(("released_on", json!(on)));
    }
    if let Ok(rating) = patch.rating.clone().said() {
        if rating.is_some_and(|it| !(0.0..=10.0).contains(&it)) {
            return Err(Error::invalid("rating", "from 0 to 10"));
        }
        changes.push(("rating", json!(rating)));
    }
    let lists = [
        ("genres", &patch.genres),
        ("tags", &patch.tags),
        ("studios", &patch.studios),
        ("networks", &patch.networks),
        ("countries", &patch.countries),
    ];
    for (field, entered) in lists {
        if let Some(entered) = entered {
            changes.push((field, json!(words(field, entered)?)));
        }
    }
    if let Some(credits) = &patch.credits {
        changes.push(("credits", json!(checked_credits(credits)?)));
    }
    Ok(changes)
}

/// The fields that `locked` names, each once.
pub fn checked_locked(locked: &[String]) -> Result<Vec<&'static str>> {
    let mut found = Vec::new();
    for name in locked {
        let Some(field) = LOCKABLE.iter().find(|it| *it == name) else {
            let known = LOCKABLE.join(", ");
            return Err(Error::invalid(
                "locked",
                format!("there is no field {name:?}; there is {known}"),
            ));
        };
        if !found.contains(field) {
            found.push(*field);
        }
    }
    Ok(found)
}

/// One line; nothing for an empty one.
fn line(field: &str, entered: &str) -> Result<Option<String>> {
    let entered = entered.trim();
    if entered.chars().count() > MAX_LINE || entered.contains(char::is_control) {
        return Err(Error::invalid(field, format!("one line of at most {MAX_LINE} letters")));
    }
    Ok((!entered.is_empty()).then(|| entered.to_owned()))
}

fn text(field: &str, entered: &str) -> Result<Option<String>> {
    let entered = entered.trim();
    let is_wrong = |it: char| it.is_control() && !matches!(it, '\n' | '\r' | '\t');
    if entered.chars().count() > MAX_TEXT || entered.contains(is_wrong) {
        return Err(Error::invalid(field, format!("a text of at most {MAX_TEXT} letters")));
    }
    Ok((!entered.is_empty()).then(|| entered.to_owned()))
}

fn words(field: &str, entered: &[String]) -> Result<Vec<String>> {
    if entered.len() > MAX_WORDS {
        return Err(Error::invalid(field, format!("at most {MAX_WORDS} of them")));
    }
    let mut words: Vec<String> = Vec::new();
    for (place, word) in entered.iter().enumerate() {
        let Some(word) = line(&format!("{field}[{place}]"), word)? else { continue };
        if !words.iter().any(|it| naming::fold(it) == naming::fold(&word)) {
            words.push(word);
        }
    }
    Ok(words)
}

fn checked_credits(entered: &[CreditEdit]) -> Result<Vec<CreditEdit>> {
    if entered.len() > MAX_CREDITS {
        return Err(Error::invalid("credits", format!("at most {MAX_CREDITS} people")));
    }
    let mut credits = Vec::new();
    for (place, credit) in entered.iter().enumerate() {
        let at = |field: &str| format!("credits[{place}].{field}");
        let name = line(&at("name"), &credit.name)?
            .ok_or_else(|| Error::invalid(at("name"), "a name has at least one letter"))?;
        if Role::of(&credit.role).is_none() {
            let known = Role::ALL.map(Role::as_str).join(", ");
            return Err(Error::invalid(at("role"), format!("one of {known}")));
        }
        let character = credit.character.as_deref();
        let character = character.map(|it| line(&at("character"), it)).transpose()?.flatten();
        credits.push(CreditEdit { name, role: credit.role.clone(), character });
    }
    Ok(credits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entered::Entered;

    #[test]
    fn what_cannot_stand_in_a_field_is_refused_by_its_name() {
        let long = "a".repeat(MAX_LINE + 1);
        let credit = |name: &str, role: &str| {
            Some(vec![CreditEdit { name: name.to_owned(), role: role.to_owned(), character: None }])
        };
        for (patch, field) in [
            (ItemPatch { title: Some("  ".to_owned()), ..Default::default() }, "title"),
            (ItemPatch { title: Some("a\0b".to_owned()), ..Default::default() }, "title"),
            (ItemPatch { tagline: Entered::Value(long), ..Default::default() }, "tagline"),
            (
                ItemPatch { overview: Entered::Value("\u{7}".to_owned()), ..Default::default() },
                "overview",
            ),
            (ItemPatch { year: Entered::Value(-5), ..Default::default() }, "year"),
            (ItemPatch { rating: Entered::Value(f32::NAN), ..Default::default() }, "rating"),
            (ItemPatch { rating: Entered::Value(10.5), ..Default::default() }, "rating"),
            (ItemPatch { genres: Some(vec!["x".to_owned(); 61]), ..Default::default() }, "genres"),
            (ItemPatch { credits: credit("", "actor"), ..Default::default() }, "credits[0].name"),
            (
                ItemPatch { credits: credit("Al", "juggler"), ..Default::default() },
                "credits[0].role",
            ),
        ] {
            let Err(Error::Invalid { field: named, .. }) = changes(&patch) else {
                panic!("{field} is refused")
            };
            assert_eq!(named, field);
        }
        assert!(checked_locked(&["colour".to_owned()]).is_err());
        assert_eq!(
            checked_locked(&["title".to_owned(), "title".to_owned()]).expect("fields"),
            ["title"]
        );
    }

    #[test]
    fn what_was_taken_out_of_a_field_goes_back_in() {
        let mut values = Values {
            title: "Heat".to_owned(),
            year: Some(1995),
            genres: vec!["Crime".to_owned()],
            ..Values::default()
        };
        let before: Vec<(&str, Value)> =
            LOCKABLE.iter().map(|field| (*field, values.get(field))).collect();
        let expect = values.clone();
        values = Values { title: "x".to_owned(), rating: Some(3.0), ..Values::default() };
        for (field, value) in before {
            values.set(field, value);
        }
        assert_eq!(values, expect);
        values.set("year", json!("no year"));
        values.set("colour", json!(1));
        assert_eq!(values, expect, "what does not fit changes nothing");
    }
}
