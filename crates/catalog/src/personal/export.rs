//! Everything a person made, for them to take along: page by page, so that a long history costs no memory.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::{Result, Viewer};
use postgres::Reading;
use serde_json::Value;
use uuid::Uuid;

use super::store::export as store;
use crate::Catalog;

/// A kind of what people make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// How far they are, and what they have played.
    Progress,
    /// What they love.
    Favourites,
    /// What they think of it.
    Ratings,
    /// What they do not want to see.
    Hidden,
    /// What is in their playlists, with the list's id and the place in it.
    PlaylistEntries,
    /// Each time they played something, the newest first.
    Plays,
}

impl Made {
    /// All kinds, in the order in which they are written.
    pub const ALL: [Self; 6] = [
        Self::Progress,
        Self::Favourites,
        Self::Ratings,
        Self::Hidden,
        Self::PlaylistEntries,
        Self::Plays,
    ];

    /// What it is called in an export.
    pub fn name(self) -> &'static str {
        match self {
            Self::Progress => "progress",
            Self::Favourites => "favourites",
            Self::Ratings => "ratings",
            Self::Hidden => "hidden",
            Self::PlaylistEntries => "playlist_entries",
            Self::Plays => "plays",
        }
    }
}

/// One thing a person made of an item.
#[derive(Debug)]
pub struct Entry {
    /// Where a page that ends with it goes on.
    pub place: Place,
    /// What was made, with `item`: what the item is, or only its key where it is gone or no longer theirs to see.
    pub made: Value,
}

/// Where a page goes on.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// When it was played, for plays.
    pub started_at: Option<DateTime<Utc>>,
    /// The item, or the play.
    pub id: Uuid,
}

/// What was made, before it is known of what.
#[derive(Debug)]
pub(super) struct Row {
    pub id: Uuid,
    pub started_at: Option<DateTime<Utc>>,
    pub item_id: Uuid,
    pub item_key: String,
    pub made: Value,
}

impl Catalog {
    /// The next of what the person made, at most `limit`; fewer are the last.
    pub async fn export(
        &self,
        viewer: &Viewer,
        made: Made,
        after: Option<Place>,
        limit: i64,
    ) -> Result<Vec<Entry>> {
        let read = |mut db: Reading| async move {
            let rows = store::list_made(&mut db, viewer.person_id, made, after, limit).await?;
            let ids: Vec<Uuid> = rows.iter().map(|it| it.item_id).collect();
            Ok((rows, store::find_items(&mut db, &viewer.scope, &ids).await?))
        };
        let (rows, items) = self.reading(read).await?;
        let items: HashMap<Uuid, Value> = items.into_iter().collect();
        let entries = rows.into_iter().map(|row| {
            let mut item =
                items.get(&row.item_id).cloned().unwrap_or_else(|| Value::Object(<_>::default()));
            let mut made = row.made;
            if let (Some(item), Some(made)) = (item.as_object_mut(), made.as_object_mut()) {
                item.insert("key".to_owned(), row.item_key.into());
                made.insert("item".to_owned(), std::mem::take(item).into());
            }
            Entry { place: Place { started_at: row.started_at, id: row.id }, made }
        });
        Ok(entries.collect())
    }
}
