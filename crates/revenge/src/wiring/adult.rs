//! The adult catalog: the spine once more, on a pool, a role, folders, an index and a part of the cache of its own.

use ::jobs::Jobs;
use cache::Cache;
use catalog::Catalog;
use catalog::describe::Sources;
use catalog::door::Door;
use catalog::images::Variants;
use kernel::id::Ids;
use kernel::notice::Teller;
use kernel::{Clock, Rng};
use metadata::Providers;
use playback::Playback;
use playback::playing::FindNames;
use postgres::Readers;
use sqlx::PgPool;
use wire::signed::Signer;

use super::{
    ANSWER_BYTES, DISK_PATIENCE, MAKERS, Purpose, Tools, VARIANT_BYTES, analyzing, open_gallery,
    open_search, providers_place, transcoding, work,
};
use crate::Setting;
use crate::kinds::ADULT_KINDS;

/// The rooms of the adult area. Cheap to clone.
#[derive(Clone)]
pub struct Adult {
    /// Its libraries and items.
    pub catalog: Catalog,
    /// Its streams.
    pub playback: Playback,
    /// Its work, which other lists of work do not show.
    pub jobs: Jobs,
    /// Its events.
    pub cache: Cache,
}

/// What it shares with the rest of the house.
pub(super) struct Shared<'a> {
    pub setting: &'a Setting,
    pub tools: &'a Tools,
    pub clock: &'a Clock,
    pub rng: &'a Rng,
    pub cache: &'a Cache,
    pub jobs: &'a Jobs,
    pub signer: &'a Signer,
    pub names: FindNames,
}

/// Builds it on connections into schema `c`.
pub(super) async fn open(
    pool: PgPool,
    readers: Option<Readers>,
    shared: Shared<'_>,
) -> anyhow::Result<Adult> {
    let Shared { setting, tools, clock, rng, cache, jobs, signer, names } = shared;
    // What a folder there is called tells that there is an area, and nothing of what is in it.
    let folder = setting.data_dir.join("adult");
    std::fs::create_dir_all(&folder)?;
    let (cache, jobs) = (cache.prefixed("c"), jobs.apart());
    let ids = Ids::new(clock.clone(), rng.clone());
    // Nothing of what they answer is kept outside of the database.
    let place = providers_place(&folder, clock.clone(), rng.clone());
    let asked = metadata::Settings {
        proxy: setting.config.metadata.proxy.clone(),
        ..metadata::Settings::default()
    };
    let catalog = Catalog::new(catalog::Parts {
        pool,
        readers,
        clock: clock.clone(),
        ids: ids.clone(),
        rng: rng.clone(),
        cache: cache.clone(),
        answers: cache.beside(ANSWER_BYTES, clock.clone()),
        search: open_search(&setting.config, &folder, "revenge_c").await?,
        enqueue_scan: work::enqueue_scan(jobs.clone()),
        enqueue_describe: work::enqueue_describe(jobs.clone()),
        enqueue_feed: work::enqueue_feed(jobs.clone()),
        // Nothing of it leaves by way of notices.
        teller: Teller::silent(),
        kinds: ADULT_KINDS,
        // Providers of films learn nothing of it.
        sources: Sources::new(Providers::open_boxes(&asked, place)?, asked),
        gallery: open_gallery(&folder, clock.clone(), rng.clone())?,
        variants: Variants::new(folder.join("cache/images"), VARIANT_BYTES, MAKERS),
        folder_suggestions: setting.config.media.folders.clone(),
        door: Door::discreet(DISK_PATIENCE),
    });
    let mut transcoding = transcoding(setting, tools, Purpose::Serve)?;
    if let Some(kept) = &mut transcoding.kept {
        kept.folder = folder.join("cache/made");
    }
    transcoding.indexes = Some(folder.join("cache/indexes"));
    let mut analyzing = analyzing(setting, tools);
    analyzing.folder = folder.join("trickplay");
    analyzing.finds_duplicates = true;
    let playback = Playback::new(
        catalog.clone(),
        signer.clone(),
        clock.clone(),
        ids,
        transcoding,
        analyzing,
        names,
    )
    .within(setting.config.playback.limits());
    Ok(Adult { catalog, playback, jobs, cache })
}
