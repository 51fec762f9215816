//! The whole system, built once from its configuration: every room, and what each is handed.

mod adult;
pub(crate) mod database;
pub(crate) mod places;
mod work;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ::jobs::{Jobs, Pace, Schedules};
use accounts::{Accounts, Hashing, Ways};
use anyhow::Context as _;
use arrivals::Arrivals;
use cache::{Cache, ServerConfig};
use catalog::Catalog;
use catalog::artwork::Gallery;
use catalog::describe::Sources;
use catalog::door::Door;
use catalog::images::Variants;
use chrono::{DateTime, Utc};
use kernel::id::{Ids, PersonId};
use kernel::{Clock, LibraryScope, Limits, Permission, Rng, Viewer};
use media::tool::Confined;
use media::transcode::{Abilities, Hardware};
use metadata::Providers;
use metadata::providers::Place;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use notices::Notices;
use playback::playing::{FindNames, Names};
use playback::transcode::encoders::Choice;
use playback::{Playback, analyze, kept, transcode};
use postgres::Replicas;
use requests::Requests;
use search::{ModelPlace, Search, TypesenseConfig};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use wire::signed::Signer;

use crate::Setting;
use crate::backups::{Backups, artwork_folder};
use crate::config::{Config, HardwareSetting, Protocol, RequestsSection};
use crate::kinds::KINDS;
use crate::schedules;

pub use adult::Adult;
use database::Pools;
pub(crate) use database::{bring_up_to_date, open_jobs, schema_names};
pub use database::{carry, folder as database_folder, migration_sets};
pub use work::registry;

/// Bytes of answers that a catalog may hold in process.
const ANSWER_BYTES: u64 = 32 << 20;
/// Bytes the cache in process may hold.
const CACHE_BYTES: u64 = 32 << 20;
/// Bytes of sized pictures that are kept on disk.
const VARIANT_BYTES: u64 = 2 << 30;

/// A disk that sleeps takes ten seconds to wake; what takes longer does not answer.
const DISK_PATIENCE: Duration = Duration::from_secs(30);

/// Bytes of a picture from the outside at the most.
const PICTURE_BYTES: usize = 20 << 20;
/// Pictures sized at once, and new ones looked at: each takes a core.
const MAKERS: usize = 2;

/// Every room, ready to be asked. Cheap to clone.
#[derive(Clone)]
pub struct House {
    /// Persons.
    pub accounts: Accounts,
    /// Libraries, items, progress.
    pub catalog: Catalog,
    /// Streams.
    pub playback: Playback,
    /// Households from other servers.
    pub arrivals: Arrivals,
    /// The adult area, where the owner switched it on.
    pub adult: Option<Arc<Adult>>,
    /// Who is asked about films and series.
    pub providers: Providers,
    /// Sessions, rates, events.
    pub cache: Cache,
    /// The index.
    pub search: Search,
    /// Background work.
    pub jobs: Jobs,
    /// What people are told outside of the app.
    pub notices: Notices,
    /// What people ask for.
    pub wanted: Requests,
    /// Backups.
    pub backups: Backups,
    /// Signed URLs.
    pub signer: Signer,
    /// A small pool for the server's own questions.
    pub pool: PgPool,
    /// Every pool, by name, for measuring.
    pub pools: [(&'static str, PgPool); 3],
    /// Copies of the database that are read from, where the configuration names any.
    pub replicas: Option<Replicas>,
    /// FFmpeg and FFprobe.
    pub tools: Tools,
    /// A kind of hardware is named that is to code pictures.
    pub wants_hardware: bool,
    /// Proxies whose word is believed.
    pub proxies: Arc<[IpAddr]>,
    /// A proxy that nobody named, if one was met.
    pub unnamed_proxy: Arc<OnceLock<IpAddr>>,
    /// How many requests somebody may make.
    pub requests: RequestsSection,
    /// The server's measurements.
    pub metrics: PrometheusHandle,
    /// Time.
    pub clock: Clock,
    /// When the server started.
    pub started_at: DateTime<Utc>,
    /// What the database calls itself.
    pub postgres_version: Arc<str>,
    /// Where the server keeps what is its own.
    pub data_dir: Arc<Path>,
    /// Told when the server is to stop.
    pub stop: CancellationToken,
    /// Who this node is among nodes.
    pub node_id: Arc<str>,
    /// The work that comes around.
    pub schedules: Schedules,
    /// What background work makes room for.
    pub pace: Pace,
}

/// The media tools that were found.
#[derive(Clone, Debug)]
pub struct Tools {
    /// `ffmpeg`, for pictures.
    pub ffmpeg: Option<PathBuf>,
    /// `ffprobe`, for what our own readers do not know.
    pub ffprobe: Option<PathBuf>,
    /// `ffmpeg` has the filter that makes HDR pictures look right on ordinary screens.
    pub has_zscale: bool,
    /// What `ffmpeg` says of itself: its version and those of its parts.
    pub build: String,
}

impl Tools {
    /// Looks for them, and at what they can do.
    pub(crate) async fn find(config: &Config) -> Self {
        let ffmpeg = media::tool::locate("ffmpeg", config.media.ffmpeg.as_deref());
        let (has_zscale, build) = match &ffmpeg {
            Some(program) => look_for_filter(program, "zscale").await,
            None => (false, String::new()),
        };
        Self {
            ffmpeg,
            ffprobe: media::tool::locate("ffprobe", config.media.ffprobe.as_deref()),
            has_zscale,
            build,
        }
    }
}

/// Whether `ffmpeg` has a filter, and what it says of itself meanwhile.
async fn look_for_filter(ffmpeg: &Path, filter: &str) -> (bool, String) {
    match media::tool::run(ffmpeg, &["-filters".into()], media::tool::Limits::PROBE).await {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout);
            let mut names = text.lines().filter_map(|it| it.split_whitespace().nth(1));
            (names.any(|it| it == filter), output.stderr)
        }
        Err(error) => {
            tracing::warn!(error = %error, "ffmpeg.unusable");
            (false, String::new())
        }
    }
}

/// A house and the database under it. Close it: the private database stops with it.
pub struct Workshop {
    server: postgres::Server,
    house: House,
    pools: Pools,
    recorder: Arc<PrometheusRecorder>,
}

impl std::ops::Deref for Workshop {
    type Target = House;

    fn deref(&self) -> &House {
        &self.house
    }
}

/// What a house is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// To serve: alone on its data folder.
    Serve,
    /// To do one thing, perhaps beside a running server.
    Command,
}

impl Workshop {
    /// Builds the house for a command; beside a running server it uses that one's database.
    pub async fn open(setting: &Setting) -> anyhow::Result<Self> {
        Self::build(setting, Purpose::Command, Clock::system(), Rng::system()).await
    }

    /// Builds the house for serving.
    pub async fn open_to_serve(setting: &Setting, clock: Clock, rng: Rng) -> anyhow::Result<Self> {
        Self::build(setting, Purpose::Serve, clock, rng).await
    }

    async fn build(
        setting: &Setting,
        purpose: Purpose,
        clock: Clock,
        rng: Rng,
    ) -> anyhow::Result<Self> {
        let Setting { config, data_dir, .. } = setting;
        std::fs::create_dir_all(data_dir)
            .with_context(|| format!("the data folder {} cannot be made", data_dir.display()))?;
        let server = match database::open(setting).await {
            Err(postgres::Error::InUse { .. }) if purpose == Purpose::Command => {
                postgres::attach(&database::folder(data_dir)).await?
            }
            opened => opened?,
        };
        match Self::furnish(setting, config, purpose, clock, rng, &server).await {
            Ok((house, pools, recorder)) => Ok(Self { server, house, pools, recorder }),
            Err(error) => {
                server.stop().await;
                Err(error)
            }
        }
    }

    async fn furnish(
        setting: &Setting,
        config: &Config,
        purpose: Purpose,
        clock: Clock,
        rng: Rng,
        server: &postgres::Server,
    ) -> anyhow::Result<(House, Pools, Arc<PrometheusRecorder>)> {
        let data_dir = &setting.data_dir;
        database::migrate(server.options()).await?;
        // A command does nothing there.
        let has_adult = config.adult.enabled && purpose == Purpose::Serve;
        let max_connections = config.database.max_connections;
        let replicas = database::replicas(&config.database, server.options()).await?;
        let pools = database::pools(server.options(), max_connections, has_adult, replicas).await?;
        let ids = Ids::new(clock.clone(), rng.clone());
        // It is opened last, and accounts tell it who is gone.
        let adult_catalog: Arc<OnceLock<Catalog>> = Arc::default();
        let node_id = node_id(data_dir, &ids)?;
        let cache = open_cache(config, clock.clone())?;
        let search = match purpose {
            Purpose::Serve => open_search(config, data_dir, "revenge").await?,
            // One in a folder belongs to the server that is running.
            Purpose::Command if config.search.host.is_none() => Search::in_memory().await?,
            Purpose::Command => open_engine(config, data_dir, "revenge").await?,
        };
        let jobs = Jobs::new(pools.jobs.clone())?;
        let teller = notices::teller(jobs.clone(), ids.clone(), clock.clone());
        let tools = Tools::find(config).await;
        let place = providers_place(data_dir, clock.clone(), rng.clone());
        let providers = Providers::open(&config.metadata, place)?;
        let catalog = Catalog::new(catalog::Parts {
            pool: pools.catalog.clone(),
            readers: pools.catalog_readers.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            rng: rng.clone(),
            cache: cache.clone(),
            answers: cache.beside(ANSWER_BYTES, clock.clone()),
            search: search.clone(),
            enqueue_scan: work::enqueue_scan(jobs.clone()),
            enqueue_describe: work::enqueue_describe(jobs.clone()),
            enqueue_feed: work::enqueue_feed(jobs.clone()),
            teller: teller.clone(),
            kinds: KINDS,
            sources: Sources::new(providers.clone(), config.metadata.clone()),
            gallery: open_gallery(data_dir, clock.clone(), rng.clone())?,
            variants: Variants::new(data_dir.join("cache/images"), VARIANT_BYTES, MAKERS),
            folder_suggestions: config.media.folders.clone(),
            door: Door::new(DISK_PATIENCE),
        });
        let accounts = Accounts::new(accounts::Parts {
            pool: pools.core.clone(),
            cache: cache.clone(),
            clock: clock.clone(),
            rng: rng.clone(),
            time_zone: accounts::time_zone(config.server.time_zone.as_deref())
                .context("server.time_zone")?,
            has_adult: config.adult.enabled,
            fold_tag: naming::fold,
            libraries: {
                let catalog = catalog.clone();
                Arc::new(move || {
                    let catalog = catalog.clone();
                    Box::pin(async move { catalog.all_library_ids().await })
                })
            },
            library_names: {
                let catalog = catalog.clone();
                Arc::new(move || {
                    let catalog = catalog.clone();
                    Box::pin(async move { catalog.library_names_unscoped().await })
                })
            },
            forget_person: {
                let (catalog, adult) = (catalog.clone(), Arc::clone(&adult_catalog));
                Arc::new(move |person| {
                    let (catalog, adult) = (catalog.clone(), Arc::clone(&adult));
                    Box::pin(async move {
                        for catalog in [Some(&catalog), adult.get()].into_iter().flatten() {
                            catalog.forget_searches_of(person).await?;
                            catalog.forget_playlists_of(person).await?;
                        }
                        Ok(())
                    })
                })
            },
            portraits: Arc::new(|file| Box::pin(catalog::images::portrait(file))),
            ways: Ways::open(&config.sign_in, &clock, &rng)?,
            secure_cookies: config
                .server
                .public_url
                .as_deref()
                .is_some_and(|it| it.starts_with("https://")),
            teller: teller.clone(),
            public_url: config.server.public_url.clone(),
            hashing: Hashing::new(
                config.accounts.password_memory_kib,
                config.accounts.password_passes,
            )
            .context("accounts")?,
        });
        let signer = Signer::new(accounts.signing_key().await?);
        let playback = Playback::new(
            catalog.clone(),
            signer.clone(),
            clock.clone(),
            ids.clone(),
            transcoding(setting, &tools, purpose)?,
            analyzing(setting, &tools),
            find_names(&accounts),
        )
        .within(config.playback.limits());
        if purpose == Purpose::Serve {
            playback.begin_trials();
        }
        let arrivals = Arrivals::new(arrivals::Parts {
            catalog: catalog.clone(),
            accounts: accounts.clone(),
            jobs: jobs.clone(),
            clock: clock.clone(),
            rng: rng.clone(),
            folder: data_dir.join("imports"),
        });
        let adult = match pools.adult.clone() {
            Some(pool) => {
                let names = find_names(&accounts);
                let (tools, clock, rng, cache) = (&tools, &clock, &rng, &cache);
                let (jobs, signer) = (&jobs, &signer);
                let shared =
                    adult::Shared { setting, tools, clock, rng, cache, jobs, signer, names };
                let readers = pools.adult_readers.clone();
                let opened = Box::pin(adult::open(pool, readers, shared));
                let adult = opened.await.context("the adult area")?;
                adult_catalog.get_or_init(|| adult.catalog.clone());
                Some(Arc::new(adult))
            }
            None => None,
        };
        let notices = Notices::open(notices::Parts {
            pool: pools.catalog.clone(),
            jobs: jobs.clone(),
            accounts: accounts.clone(),
            catalog: catalog.clone(),
            cache: cache.clone(),
            clock: clock.clone(),
            rng,
        })
        .await?;
        let wanted = Requests::new(requests::Parts {
            pool: pools.catalog.clone(),
            accounts: accounts.clone(),
            catalog: catalog.clone(),
            cache: cache.clone(),
            teller,
            ids,
            clock: clock.clone(),
        });
        let recorder = Arc::new(PrometheusBuilder::new().build_recorder());
        let mut house = House {
            accounts,
            catalog,
            playback,
            arrivals,
            adult,
            providers,
            cache,
            search,
            jobs,
            notices,
            wanted,
            backups: Backups::new(setting, server, clock.clone()),
            signer,
            pool: pools.core.clone(),
            pools: [
                ("core", pools.core.clone()),
                ("catalog", pools.catalog.clone()),
                ("jobs", pools.jobs.clone()),
            ],
            replicas: pools.replicas.clone(),
            tools,
            wants_hardware: config.transcode.enabled
                && !matches!(
                    config.transcode.hardware,
                    HardwareSetting::Auto | HardwareSetting::Off
                ),
            proxies: config.server.trusted_proxies.clone().into(),
            unnamed_proxy: Arc::default(),
            requests: config.server.requests,
            metrics: recorder.handle(),
            started_at: clock.now(),
            clock,
            postgres_version: server.version().into(),
            data_dir: data_dir.as_path().into(),
            stop: CancellationToken::new(),
            node_id: node_id.into(),
            schedules: Schedules::default(),
            pace: Pace::default(),
        };
        house.schedules = registry(&house)?.schedules();
        schedules::load(&house).await?;
        Ok((house, pools, recorder))
    }

    /// Makes this house's numbers the process's. A second house in one process keeps its numbers to itself.
    pub fn install_metrics(&self) {
        if metrics::set_global_recorder(Arc::clone(&self.recorder)).is_err() {
            tracing::debug!("metrics.taken");
        }
    }

    /// The owner at the command line: whoever may start the program on the data folder may do everything.
    pub async fn owner(&self) -> anyhow::Result<Viewer> {
        Ok(Viewer {
            person_id: PersonId(Uuid::nil()),
            session_id: None,
            api_key_id: None,
            scope: LibraryScope::of(self.catalog.all_library_ids().await?),
            permissions: vec![Permission::Administer],
            limits: Limits::default(),
            hours_end: None,
            address: None,
            area: kernel::Area::Main,
        })
    }

    /// Lets go of the database, and stops it where it is ours.
    pub async fn close(self) {
        let pools = &self.pools;
        for pool in [&pools.core, &pools.catalog, &pools.jobs].into_iter().chain(&pools.adult) {
            pool.close().await;
        }
        self.server.stop().await;
    }
}

/// How those who play something are called.
fn find_names(accounts: &Accounts) -> FindNames {
    let accounts = accounts.clone();
    Arc::new(move |person, session| {
        let accounts = accounts.clone();
        Box::pin(async move {
            let (person, device) = accounts.find_names(person, session).await?;
            Ok(Names { person, device })
        })
    })
}

/// How films are made anew: by the FFmpeg that was found, started through our own program.
fn transcoding(
    setting: &Setting,
    tools: &Tools,
    purpose: Purpose,
) -> anyhow::Result<transcode::Settings> {
    let section = &setting.config.transcode;
    let launcher = setting.program.clone();
    let n_cores = places::n_cores();
    let nodes = section.nodes.iter().filter(|_| section.enabled).map(places::node_address);
    let nodes = nodes.collect::<anyhow::Result<_>>().context("transcode.nodes")?;
    let program = tools.ffmpeg.clone().filter(|_| section.enabled);
    Ok(transcode::Settings {
        ffmpeg: program.map(|program| Confined::new(program, launcher)),
        abilities: Abilities { has_zscale: tools.has_zscale, ..Abilities::NONE },
        build: tools.build.clone(),
        max_films: places::max_films(section.max_films, n_cores),
        max_cache_bytes: u64::from(section.cache_mb) << 20,
        // A command beside a running server leaves that one's files alone.
        kept: (purpose == Purpose::Serve).then(|| kept::Settings {
            folder: setting.data_dir.join("cache/made"),
            max_bytes: u64::from(section.disk_cache_mb) << 20,
            min_free_bytes: u64::from(section.min_free_mb) << 20,
        }),
        indexes: (purpose == Purpose::Serve).then(|| setting.data_dir.join("cache/indexes")),
        n_cores,
        patience: (section.patience_seconds > 0)
            .then(|| Duration::from_secs(section.patience_seconds.into())),
        nodes,
        hardware: match section.hardware {
            HardwareSetting::Auto => Choice::Auto,
            HardwareSetting::Off => Choice::Off,
            HardwareSetting::Vaapi => Choice::Only(Hardware::Vaapi),
            HardwareSetting::Qsv => Choice::Only(Hardware::Qsv),
            HardwareSetting::Nvenc => Choice::Only(Hardware::Nvenc),
            HardwareSetting::V4l2 => Choice::Only(Hardware::V4l2),
            HardwareSetting::Amf => Choice::Only(Hardware::Amf),
        },
        trials: (purpose == Purpose::Serve).then(|| setting.data_dir.join("cache/encoders.json")),
    })
}

/// How films are looked at and listened to: by the same FFmpeg.
fn analyzing(setting: &Setting, tools: &Tools) -> analyze::Settings {
    let section = &setting.config.analysis;
    let program = tools.ffmpeg.clone().filter(|_| section.enabled);
    let launcher = setting.program.clone();
    analyze::Settings {
        ffmpeg: program.map(|program| Confined::new(program, launcher)),
        abilities: Abilities { has_zscale: tools.has_zscale, ..Abilities::NONE },
        folder: setting.data_dir.join("trickplay"),
        max_bytes: u64::from(section.max_mb) << 20,
        min_free_bytes: u64::from(section.min_free_mb) << 20,
        finds_duplicates: false,
    }
}

/// What providers need beside their settings.
pub fn providers_place(data_dir: &Path, clock: Clock, rng: Rng) -> Place {
    let requests = outbound::Settings::default();
    Place { cache: data_dir.join("cache/metadata"), clock, rng, requests }
}

/// The same after every start on this data folder, different from every other node.
fn node_id(data_dir: &Path, ids: &Ids) -> anyhow::Result<String> {
    let path = data_dir.join("node_id");
    if let Ok(id) = std::fs::read_to_string(&path)
        && !id.trim().is_empty()
    {
        return Ok(id.trim().to_owned());
    }
    let id = ids.next::<Uuid>().to_string();
    std::fs::write(&path, &id).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(id)
}

fn open_gallery(data_dir: &Path, clock: Clock, rng: Rng) -> anyhow::Result<Gallery> {
    let settings = outbound::Settings {
        max_body_bytes: PICTURE_BYTES,
        attempts: 2,
        ..outbound::Settings::default()
    };
    let outbound = outbound::Outbound::new(settings, clock, rng)?;
    Ok(Gallery::new(artwork_folder(data_dir), outbound, MAKERS))
}

fn open_cache(config: &Config, clock: Clock) -> anyhow::Result<Cache> {
    let section = &config.cache;
    let Some(host) = section.host.clone() else { return Ok(Cache::in_process(CACHE_BYTES, clock)) };
    let server = ServerConfig { host, port: section.port, password: section.password.clone() };
    Ok(Cache::server(&server, clock)?.prefixed("revenge"))
}

/// An index below `folder`, or a collection of this name, with the text model if there is one.
async fn open_search(config: &Config, folder: &Path, collection: &str) -> anyhow::Result<Search> {
    let search = open_engine(config, folder, collection).await?;
    if let Some(path) = &config.search.model {
        search.use_model(ModelPlace::new(path));
    }
    Ok(search)
}

async fn open_engine(config: &Config, folder: &Path, collection: &str) -> anyhow::Result<Search> {
    let section = &config.search;
    let Some(host) = &section.host else {
        return Ok(Search::in_folder(&folder.join("search")).await?);
    };
    let protocol = match section.protocol {
        Protocol::Http => "http",
        Protocol::Https => "https",
    };
    let url = format!("{protocol}://{host}:{}", section.port);
    let url = url.parse().with_context(|| format!("search.host: {url} is no address"))?;
    let api_key = section.api_key.clone().context("search.api_key: Typesense needs a key")?;
    let http = outbound::trusted_client()?;
    Ok(Search::typesense(http, TypesenseConfig { url, api_key, collection: collection.to_owned() }))
}
