//! What operators teach the search: synonyms and words that mean nothing.

use chrono::{DateTime, Utc};
use kernel::{Error, Permission, Result, Viewer};
use search::Curation;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::ToSchema;

use crate::Catalog;
use crate::describe::store::setting;

/// The setting that holds the rules.
const KEY: &str = "search";
/// The setting that holds the synonyms by which the index was made.
const INDEXED_KEY: &str = "search_indexed";
/// The setting that tells whether somebody asked for another index.
const ANEW_KEY: &str = "search_anew";
/// Each costs time with every document that is written.
const MAX_GROUPS: usize = 200;
const MAX_WORDS: usize = 10;
const MAX_STOP_WORDS: usize = 200;
const MAX_LETTERS: usize = 60;

/// What the search is taught.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SearchRules {
    /// Groups of words or phrases of which each means the same; at most 200 of 2 to 10.
    #[serde(default)]
    pub synonyms: Vec<Vec<String>>,
    /// Words that are left out of what is typed, unless nothing else is left; at most 200.
    #[serde(default)]
    pub stop_words: Vec<String>,
}

/// The rules, and whether the index follows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SearchSettings {
    /// What is in force.
    pub rules: SearchRules,
    /// Synonyms were changed, or somebody asked for it: another index is yet to be made.
    pub is_pending: bool,
}

impl SearchRules {
    fn check(&self) -> Result<()> {
        let fits = |word: &String| {
            let length = word.trim().chars().count();
            (1..=MAX_LETTERS).contains(&length) && !word.contains('\0')
        };
        let wrong = |field, message: String| Err(Error::invalid(field, message));
        if self.synonyms.len() > MAX_GROUPS {
            return wrong("synonyms", format!("at most {MAX_GROUPS} groups"));
        }
        if !self
            .synonyms
            .iter()
            .all(|it| (2..=MAX_WORDS).contains(&it.len()) && it.iter().all(fits))
        {
            let message =
                format!("2 to {MAX_WORDS} words a group, each of 1 to {MAX_LETTERS} letters");
            return wrong("synonyms", message);
        }
        if self.stop_words.len() > MAX_STOP_WORDS || !self.stop_words.iter().all(fits) {
            let message = format!("at most {MAX_STOP_WORDS}, each of 1 to {MAX_LETTERS} letters");
            return wrong("stop_words", message);
        }
        if self.stop_words.iter().any(|it| it.trim().contains(char::is_whitespace)) {
            return wrong("stop_words", "single words".to_owned());
        }
        Ok(())
    }
}

impl Catalog {
    /// What the search is taught.
    pub async fn search_settings(&self, viewer: &Viewer) -> Result<SearchSettings> {
        viewer.require(Permission::ManageLibraries)?;
        let mut db = self.connection().await?;
        let rules = find_rules(&mut db).await?;
        let is_pending =
            rules.synonyms != find_indexed(&mut db).await? || asked_anew(&mut db).await?.is_some();
        Ok(SearchSettings { rules, is_pending })
    }

    /// Has the index made anew, in the background; the one that is there answers until then.
    pub async fn ask_for_rebuild(&self, viewer: &Viewer) -> Result<SearchSettings> {
        viewer.require(Permission::ManageLibraries)?;
        let mut db = self.connection().await?;
        setting::upsert_setting(&mut db, ANEW_KEY, true.into(), self.clock.now()).await?;
        drop(db);
        (self.enqueue_feed)().await?;
        self.search_settings(viewer).await
    }

    /// Teaches the search. Stop words hold at once, synonyms when the index was made anew, which happens by itself.
    pub async fn update_search_settings(
        &self,
        viewer: &Viewer,
        rules: &SearchRules,
    ) -> Result<SearchSettings> {
        viewer.require(Permission::ManageLibraries)?;
        rules.check()?;
        let mut db = self.connection().await?;
        let value = serde_json::to_value(rules).map_err(anyhow::Error::from)?;
        setting::upsert_setting(&mut db, KEY, value, self.clock.now()).await?;
        self.search_settings(viewer).await
    }

    /// Takes the rules that are in force. Asked with every search, so that all nodes follow at once.
    pub(super) async fn learn_rules(&self, db: &mut PgConnection) -> Result<SearchRules> {
        let rules = find_rules(db).await?;
        self.search.teach(Curation::new(&rules.synonyms, &rules.stop_words));
        Ok(rules)
    }

    /// Whether synonyms were changed since the index was made, or somebody asked for another.
    pub(super) async fn is_asked_for_anew(&self) -> Result<bool> {
        let mut db = self.connection().await?;
        Ok(find_rules(&mut db).await?.synonyms != find_indexed(&mut db).await?
            || asked_anew(&mut db).await?.is_some())
    }

    /// Whether the index is to be made anew: by another program or other synonyms documents of now do not fit into it.
    pub(super) async fn is_index_of_another_form(&self) -> Result<bool> {
        Ok(self.search.needs_rebuild().await? || self.is_asked_for_anew().await?)
    }

    /// Notes by which synonyms the index is made, and that it is the one that was asked for at `asked`.
    pub(super) async fn note_indexed(
        &self,
        synonyms: &[Vec<String>],
        asked: Option<DateTime<Utc>>,
    ) -> Result<()> {
        let mut db = self.connection().await?;
        let value = serde_json::to_value(synonyms).map_err(anyhow::Error::from)?;
        setting::upsert_setting(&mut db, INDEXED_KEY, value, self.clock.now()).await?;
        // Who asked meanwhile asked for what is newer still.
        if asked.is_some() && asked == asked_anew(&mut db).await? {
            setting::upsert_setting(&mut db, ANEW_KEY, false.into(), self.clock.now()).await?;
        }
        Ok(())
    }
}

/// When somebody asked for another index that is not made yet.
pub(super) async fn asked_anew(db: &mut PgConnection) -> Result<Option<DateTime<Utc>>> {
    let found = setting::find_setting(db, ANEW_KEY).await?;
    Ok(found.filter(|(value, _)| *value == true).map(|(_, at)| at))
}

async fn find_rules(db: &mut PgConnection) -> Result<SearchRules> {
    let found = setting::find_setting(db, KEY).await?;
    Ok(found.and_then(|(value, _)| serde_json::from_value(value).ok()).unwrap_or_default())
}

async fn find_indexed(db: &mut PgConnection) -> Result<Vec<Vec<String>>> {
    let found = setting::find_setting(db, INDEXED_KEY).await?;
    Ok(found.and_then(|(value, _)| serde_json::from_value(value).ok()).unwrap_or_default())
}
