//! Wikidata: ids at other catalogs and titles in every language; wants no key.

mod entity;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use kernel::Result;
use serde::Deserialize;

use crate::client::{Client, Limits, Place, Workshop};
use crate::document::{Many, Maybe, Text, distinct};
use crate::language::primary;
use crate::provider::{Attribution, FoundBy};
use crate::settings::OpenSettings;
use crate::{Described, Hit, Locale, Provider, ProviderError, Query, Subject};

use entity::Entity;

const URL: &str = "https://www.wikidata.org/w";
/// It asks to be asked one thing after the other.
const SPACING: Duration = Duration::from_millis(250);
const FRESH: TimeDelta = TimeDelta::days(2);
/// Things read at once; it gives at most fifty.
const MAX_ENTITIES: usize = 50;
const MAX_FOUND: &str = "20";

/// The provider.
#[derive(Debug)]
pub(crate) struct Wikidata(Client);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Found {
    search: Many<FoundRow>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FoundRow {
    id: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Listed {
    query: Maybe<ListedQuery>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListedQuery {
    search: Many<ListedRow>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ListedRow {
    title: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entities {
    entities: BTreeMap<String, Maybe<Entity>>,
}

impl Wikidata {
    /// None unless it is wanted.
    pub fn new(settings: &OpenSettings, workshop: &Workshop) -> Result<Option<Self>> {
        if !settings.enabled {
            return Ok(None);
        }
        let place = Place {
            name: "wikidata",
            url: settings.url.as_deref().unwrap_or(URL),
            is_own: settings.url.is_some(),
            spacing: SPACING,
            limits: Limits::THING,
        };
        Ok(Some(Self(Client::new(workshop, &place)?)))
    }

    async fn entities(
        &self,
        ids: &[String],
        parts: &str,
        languages: Option<&str>,
    ) -> Result<Vec<Entity>, ProviderError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = &ids[..ids.len().min(MAX_ENTITIES)];
        let joined = ids.join("|");
        let mut query = vec![
            ("action", "wbgetentities"),
            ("format", "json"),
            ("props", parts),
            ("ids", &joined),
        ];
        query.extend(languages.map(|it| ("languages", it)));
        let mut answer: Entities = self.0.get("api.php", &query, FRESH).await?;
        // In the order of the question; a map has none.
        Ok(ids.iter().filter_map(|it| answer.entities.remove(it)?.0).collect())
    }
}

#[async_trait]
impl Provider for Wikidata {
    fn name(&self) -> &'static str {
        "wikidata"
    }

    fn attribution(&self) -> Attribution {
        Attribution {
            name: "Wikidata",
            text: "Structured data by Wikidata, dedicated to the public domain (CC0).",
            url: "https://www.wikidata.org/",
        }
    }

    fn knows(&self, _: Subject) -> bool {
        true
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, ProviderError> {
        let language = primary(&query.locale.language);
        let asked = [
            ("action", "wbsearchentities"),
            ("format", "json"),
            ("type", "item"),
            ("limit", MAX_FOUND),
            ("language", language),
            ("uselang", language),
            ("search", query.title.as_str()),
        ];
        let found: Found = self.0.get("api.php", &asked, FRESH).await?;
        let ids: Vec<String> = found.search.iter().filter_map(|it| entity_id(&it.id)).collect();
        let entities = self.entities(&ids, "labels|aliases|claims", None).await?;
        // The search is over everything there is: songs, places, people.
        let things = entities.iter().filter(|it| it.is_a(query.subject));
        Ok(things.filter_map(|it| it.hit(&query.locale)).collect())
    }

    async fn find(
        &self,
        subject: Subject,
        ids: &BTreeMap<String, String>,
        locale: &Locale,
    ) -> Result<Option<Hit>, ProviderError> {
        let mut candidates: Vec<String> = Vec::new();
        if let Some(id) = ids.get("wikidata") {
            candidates.push(id.clone());
        }
        for (provider, property) in entity::id_properties(subject) {
            let Some(id) = ids.get(provider).filter(|_| candidates.is_empty()) else { continue };
            // A quote would end the value in its search language.
            if !id.bytes().all(|it| it.is_ascii_alphanumeric()) {
                continue;
            }
            let search = format!("haswbstatement:{property}={id}");
            let asked = [
                ("action", "query"),
                ("format", "json"),
                ("list", "search"),
                ("srlimit", "5"),
                ("srsearch", &search),
            ];
            let listed: Listed = self.0.get("api.php", &asked, FRESH).await?;
            let rows = listed.query.0.unwrap_or_default().search;
            candidates.extend(rows.iter().filter_map(|it| entity_id(&it.title)));
        }
        let entities = self.entities(&candidates, "labels|aliases|claims", None).await?;
        let hit = entities.iter().find_map(|it| it.hit(locale));
        Ok(hit.map(|it| Hit { found_by: FoundBy::Id, ..it }))
    }

    async fn describe(
        &self,
        subject: Subject,
        id: &str,
        locale: &Locale,
    ) -> Result<Described, ProviderError> {
        if !is_entity_id(id) {
            return Err(ProviderError::NotFound);
        }
        let found = self.entities(&[id.to_owned()], "labels|aliases|claims", None).await?;
        let entity =
            found.into_iter().find(|it| !it.is_missing()).ok_or(ProviderError::NotFound)?;
        let languages = locale.languages();
        let mut named: Vec<&str> = languages.iter().map(|it| primary(it)).collect();
        named.push("en");
        let languages = distinct(named).join("|");
        let linked = self.entities(&entity.linked(), "labels|claims", Some(&languages)).await?;
        Ok(entity.read(subject, locale, &linked))
    }

    async fn check_key(&self) -> Result<(), ProviderError> {
        let query = [("action", "query"), ("format", "json"), ("meta", "siteinfo")];
        let _: Listed = self.0.get("api.php", &query, TimeDelta::zero()).await?;
        Ok(())
    }
}

fn entity_id(text: &Text) -> Option<String> {
    text.get().filter(|it| is_entity_id(it)).map(str::to_owned)
}

fn is_entity_id(id: &str) -> bool {
    id.strip_prefix('Q')
        .is_some_and(|it| (1..=12).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit()))
}
