//! TVmaze: series, in English; wants no key.

mod show;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use kernel::Result;
use serde::Deserialize;

use crate::client::{Client, Limits, Place, Workshop};
use crate::document::{Many, Maybe};
use crate::provider::{Attribution, FoundBy};
use crate::settings::OpenSettings;
use crate::{Described, Hit, Locale, Provider, ProviderError, Query, Subject};

use show::{Show, read};

const URL: &str = "https://api.tvmaze.com";
/// It allows at least twenty requests in ten seconds.
const SPACING: Duration = Duration::from_millis(500);
/// It keeps its own answers for an hour.
const FRESH: TimeDelta = TimeDelta::hours(6);

/// The provider.
#[derive(Debug)]
pub(crate) struct Tvmaze(Client);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SearchRow {
    show: Maybe<Show>,
}

impl Tvmaze {
    /// None unless it is wanted.
    pub fn new(settings: &OpenSettings, workshop: &Workshop) -> Result<Option<Self>> {
        if !settings.enabled {
            return Ok(None);
        }
        let place = Place {
            name: "tvmaze",
            url: settings.url.as_deref().unwrap_or(URL),
            is_own: settings.url.is_some(),
            spacing: SPACING,
            limits: Limits::THING,
        };
        Ok(Some(Self(Client::new(workshop, &place)?)))
    }
}

#[async_trait]
impl Provider for Tvmaze {
    fn name(&self) -> &'static str {
        "tvmaze"
    }

    fn attribution(&self) -> Attribution {
        Attribution {
            name: "TVmaze",
            text: "Series information by TVmaze, licensed CC BY-SA 4.0.",
            url: "https://www.tvmaze.com/",
        }
    }

    fn knows(&self, subject: Subject) -> bool {
        subject == Subject::Series
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, ProviderError> {
        let rows: Many<SearchRow> =
            self.0.get("search/shows", &[("q", &query.title)], FRESH).await?;
        Ok(rows.iter().filter_map(|it| it.show.as_ref()?.hit()).collect())
    }

    async fn find(
        &self,
        _: Subject,
        ids: &BTreeMap<String, String>,
        _: &Locale,
    ) -> Result<Option<Hit>, ProviderError> {
        let by_id = |hit: Option<Hit>| hit.map(|it| Hit { found_by: FoundBy::Id, ..it });
        if let Some(id) = ids.get("tvmaze") {
            let show: Show = self.0.get(&format!("shows/{id}"), &[], FRESH).await?;
            return Ok(by_id(show.hit()));
        }
        for (provider, name) in [("imdb", "imdb"), ("tvdb", "thetvdb")] {
            let Some(id) = ids.get(provider) else { continue };
            match self.0.get::<Show>("lookup/shows", &[(name, id)], FRESH).await {
                Ok(show) => return Ok(by_id(show.hit())),
                Err(ProviderError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    async fn describe(
        &self,
        _: Subject,
        id: &str,
        locale: &Locale,
    ) -> Result<Described, ProviderError> {
        let id: u64 = id.parse().map_err(|_| ProviderError::NotFound)?;
        let parts = ["seasons", "episodes", "cast", "crew", "akas", "images", "nextepisode"];
        let query = parts.map(|it| ("embed[]", it));
        let show: Show = self.0.get(&format!("shows/{id}"), &query, FRESH).await?;
        if show.id.id().is_none() {
            return Err(ProviderError::Garbage("a series without an id".to_owned()));
        }
        Ok(read(show, locale))
    }

    async fn check_key(&self) -> Result<(), ProviderError> {
        let _: Show = self.0.get("shows/1", &[], TimeDelta::zero()).await?;
        Ok(())
    }
}
