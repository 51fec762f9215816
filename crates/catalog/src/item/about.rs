//! What sources say of an item beyond its own row: ratings, countries, trailers, where it belongs, and who says so.

use chrono::NaiveDate;
use kernel::id::ItemId;
use kernel::{Permission, Result, Viewer};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::store;
use crate::Catalog;
use crate::collection::{self, CollectionRef};
use crate::describe::LibraryMetadata;
use crate::describe::rows::Details;
use crate::review::AttributionView;

/// What sources say of an item beyond its own row.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct About {
    /// `continuing`, `ended` or `upcoming`, of a series.
    pub status: Option<String>,
    /// Day of the next broadcast that is announced.
    pub next_airs_on: Option<NaiveDate>,
    /// Where a special belongs among the regular episodes.
    pub airs: Option<Airs>,
    /// What people think of it, by source.
    pub ratings: Vec<RatingView>,
    /// Age ratings by country.
    pub content_ratings: Vec<ContentRatingView>,
    /// The age in years that its content rating stands for.
    pub content_rating_age: Option<i16>,
    /// Films about it, at outside places.
    pub trailers: Vec<TrailerView>,
    /// When it came out where.
    pub releases: Vec<ReleaseView>,
    /// BCP 47 language it was made in.
    pub original_language: Option<String>,
    /// The sets it is part of.
    pub collections: Vec<CollectionRef>,
    /// `parsed`, `matched`, `review` or `fixed`.
    pub match_state: String,
    /// Of a series: how the numbers of its files count: `aired`, `dvd`, `absolute`, `story`, `alternate`.
    pub episode_order: String,
    /// The fields a person edited: nothing overwrites them. For administrators only.
    pub locked: Option<Vec<String>>,
    /// What must be said where this is shown: of everybody whose word is in it.
    pub attributions: Vec<AttributionView>,
}

/// Where a special belongs among the regular episodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Airs {
    /// Before an episode of this season, or before all of it.
    pub before_season: Option<i32>,
    /// Before this episode of it.
    pub before_episode: Option<i32>,
    /// After this season.
    pub after_season: Option<i32>,
}

/// What the people of one source think of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RatingView {
    /// `tmdb`, `imdb`, `rottentomatoes`, ...
    pub source: String,
    /// 0 to 10.
    pub value: f32,
    /// How many said so.
    pub votes: Option<i64>,
}

/// An age rating of one country.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContentRatingView {
    /// ISO 3166-1; empty where nobody says.
    pub country: String,
    /// As its authority writes it.
    pub rating: String,
    /// The age in years it stands for.
    pub age: Option<i16>,
}

/// A film about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrailerView {
    /// Its name.
    pub title: Option<String>,
    /// Where it is shown.
    pub url: String,
    /// `trailer`, `teaser`, `clip` or `featurette`.
    pub kind: String,
    /// BCP 47.
    pub language: Option<String>,
}

/// When it came out in one country.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReleaseView {
    /// ISO 3166-1; empty where nobody says.
    pub country: String,
    /// `premiere`, `cinema`, `digital`, `physical` or `television`.
    pub kind: String,
    /// The day.
    pub on: NaiveDate,
}

/// All of it; nothing where the item does not exist for `viewer`.
pub(super) async fn of_item(
    db: &mut PgConnection,
    catalog: &Catalog,
    viewer: &Viewer,
    id: ItemId,
) -> Result<Option<About>> {
    let Some(row) = store::find_about(db, &viewer.scope, id).await? else { return Ok(None) };
    let details = row.details.clone().unwrap_or_default();
    let details: Details = serde_json::from_value(details).unwrap_or_default();
    let collections = collection::store::list_of_item(db, &viewer.scope, id).await?;
    let lineup = catalog.sources.lineup(&LibraryMetadata::of(&row.settings));
    let attributions = lineup.attributions().into_iter();
    let attributions = attributions.filter(|(name, _)| row.sources.iter().any(|it| it == name));
    let airs = Airs {
        before_season: row.airs_before_season,
        before_episode: row.airs_before_episode,
        after_season: row.airs_after_season,
    };
    let is_placed = airs.before_season.is_some() || airs.after_season.is_some();
    Ok(Some(About {
        status: row.status,
        next_airs_on: row.next_airs_on,
        airs: is_placed.then_some(airs),
        ratings: details
            .ratings
            .into_iter()
            .map(|it| RatingView { source: it.source, value: it.value, votes: it.votes })
            .collect(),
        content_ratings: details
            .content_ratings
            .into_iter()
            .map(|it| ContentRatingView { country: it.country, rating: it.rating, age: it.age })
            .collect(),
        content_rating_age: row.content_rating_age,
        trailers: details
            .trailers
            .into_iter()
            .map(|it| TrailerView {
                title: it.title,
                url: it.url.to_string(),
                kind: it.kind.as_str().to_owned(),
                language: it.language,
            })
            .collect(),
        releases: details
            .releases
            .into_iter()
            .map(|it| ReleaseView {
                country: it.country,
                kind: it.kind.as_str().to_owned(),
                on: it.on,
            })
            .collect(),
        original_language: details.original_language,
        collections,
        match_state: row.match_state,
        episode_order: row.episode_order,
        locked: viewer.can(Permission::EditMetadata).then_some(row.locked),
        attributions: attributions.map(|(_, it)| it.into()).collect(),
    }))
}
