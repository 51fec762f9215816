//! Titles as providers offer them, with whether each is here for the asker, and whether it was asked for.

use std::collections::HashMap;
use std::time::Duration;

use cache::Rate;
use catalog::offer::{Offer, Offers};
use catalog::review::{AttributionView, ProviderFailure};
use kernel::id::ItemId;
use kernel::{Error, Permission, Result, Viewer};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Requests;
use crate::request::Kind;
use crate::store::here::{self, AskedIds};
use crate::wanted::{checked_title, checked_year};

/// How often one person may search: each search asks every provider.
const SEARCHES: Rate = Rate { limit: 30, per: Duration::from_mins(1) };

/// Titles that may be asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfferedTitles {
    /// They, the likeliest first.
    pub items: Vec<OfferedTitle>,
    /// Who gave no answer, and why.
    pub failures: Vec<ProviderFailure>,
    /// What must be said where the answers are shown.
    pub attributions: Vec<AttributionView>,
    /// Whether any provider is in use. Where none is, or none answers, ask by title, year and kind.
    pub has_providers: bool,
}

/// A title as providers know it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfferedTitle {
    /// What it is.
    pub kind: Kind,
    /// Who offers it: `tmdb`, `tvdb`, ...
    pub provider: String,
    /// Its id there.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What it is called where it was made.
    pub original_title: Option<String>,
    /// When it came out.
    pub year: Option<i32>,
    /// Where a poster of it is, on this server. It takes a `width` as other pictures do.
    pub poster_url: Option<String>,
    /// What it is in the library, if you have it already.
    pub item_id: Option<ItemId>,
    /// Whether you or others asked for it.
    pub asked: Asked,
}

/// Who asked for a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AskedBy)]
pub enum Asked {
    /// Nobody who still waits.
    Nobody,
    /// You did.
    You,
    /// Others did; you may join them.
    Others,
}

impl Requests {
    /// Asks the providers for titles like this.
    pub async fn search_titles(
        &self,
        viewer: &Viewer,
        title: &str,
        year: Option<i32>,
        kind: Option<Kind>,
    ) -> Result<OfferedTitles> {
        viewer.require(Permission::Request)?;
        let title = checked_title(title)?;
        let year = year.map(checked_year).transpose()?;
        self.check_rate(viewer).await?;
        let kinds = kind.map_or_else(|| vec![Kind::Movie, Kind::Series], |it| vec![it]);
        let subjects: Vec<_> = kinds.into_iter().map(Kind::subject).collect();
        let found = self.0.catalog.search_offers(&subjects, &title, year).await?;
        let Offers { items, failures, attributions, has_providers } = found;
        let items = self.offered(viewer, items).await?;
        Ok(OfferedTitles { items, failures, attributions, has_providers })
    }

    /// Where these posters are on this server. Those who may not look at
    /// them, or are kept from something, are told of none.
    pub(crate) async fn poster_urls(
        &self,
        viewer: &Viewer,
        posters: impl Iterator<Item = &Option<String>>,
    ) -> HashMap<String, String> {
        if viewer.scope.is_guarded() || !viewer.can(Permission::Request) {
            return HashMap::new();
        }
        let addresses: Vec<String> = posters.flatten().cloned().collect();
        let keys = self.0.catalog.offer_posters(&addresses).await;
        let url = |key: String| format!("{}/requests/posters/{key}", viewer.area.address());
        addresses.into_iter().zip(keys.into_iter().map(url)).collect()
    }

    async fn offered(&self, viewer: &Viewer, offers: Vec<Offer>) -> Result<Vec<OfferedTitle>> {
        let mut asked = AskedIds::default();
        for (place, offer) in (0..).zip(&offers) {
            for (provider, id) in &offer.ids {
                asked.push(place, Kind::of(offer.subject), provider, id);
            }
        }
        let mut db = self.0.pool.acquire().await?;
        let kinds = self.library_kinds();
        let here = here::list_items_with_ids(&mut db, &viewer.scope, &kinds, &asked).await?;
        let wanted = here::list_asked_for(&mut db, viewer.person_id, &asked).await?;
        drop(db);
        let here: HashMap<i32, ItemId> = here.into_iter().collect();
        let wanted: HashMap<i32, (bool, bool)> = wanted
            .into_iter()
            .map(|(place, is_mine, is_open)| (place, (is_mine, is_open)))
            .collect();
        let posters = self.poster_urls(viewer, offers.iter().map(|it| &it.poster)).await;
        let titles = (0..).zip(offers).map(|(place, offer)| OfferedTitle {
            kind: Kind::of(offer.subject),
            provider: offer.provider,
            id: offer.id,
            title: offer.title,
            original_title: offer.original_title,
            year: offer.year,
            poster_url: offer.poster.and_then(|it| posters.get(&it).cloned()),
            item_id: here.get(&place).copied(),
            asked: match wanted.get(&place) {
                Some((true, _)) => Asked::You,
                Some((false, true)) => Asked::Others,
                Some((false, false)) | None => Asked::Nobody,
            },
        });
        Ok(titles.collect())
    }

    async fn check_rate(&self, viewer: &Viewer) -> Result<()> {
        let key = format!("requests:searched:{}", viewer.person_id);
        let decision = self.0.cache.allow(&key, SEARCHES).await;
        if decision.allowed {
            Ok(())
        } else {
            Err(Error::Busy { retry_after: decision.retry_after })
        }
    }
}
