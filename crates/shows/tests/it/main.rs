//! A library of shows, scanned from real files into a real database.

mod store;

use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use catalog::artwork::{Artist, Camera, Gallery};
use catalog::door::Door;
use catalog::kind::Kind;
use catalog::scan::{Request, Scanner, Watch};
use kernel::id::{Ids, LibraryId};
use kernel::{Clock, Rng};
use media::Tools;
use outbound::{Outbound, Settings};
use postgres::MigrationSet;
use sqlx::PgPool;
use tempfile::TempDir;
use testkit::database::TestDatabase;
use uuid::Uuid;

static KINDS: &[&Kind] = &[&shows::KIND];

/// A library, its folder and its database.
struct House {
    root: TempDir,
    pool: PgPool,
    library: LibraryId,
    scanner: Scanner,
    _database: TestDatabase,
}

impl House {
    async fn new() -> Self {
        let own = MigrationSet::embedded("shows", &shows::MIGRATIONS);
        let sets: Vec<MigrationSet> = catalog::migrations().into_iter().chain([own]).collect();
        let database = TestDatabase::create(&sets).await;
        let pool = database.pool("catalog").await;
        let root = TempDir::new().expect("a folder");
        let clock = Clock::system();
        let ids = Ids::new(clock.clone(), Rng::system());
        let library: LibraryId = ids.next();
        store::insert_library(&pool, library, shows::KIND.id, root.path()).await;
        let tools = Arc::new(Tools { ffprobe: None, timeout: Duration::from_secs(20) });
        let door = Door::new(Duration::from_secs(20));
        let scanner = Scanner {
            pool: pool.clone(),
            clock,
            ids,
            kinds: KINDS,
            tools,
            door,
            sources: catalog::describe::Sources::none(),
            teller: kernel::notice::Teller::silent(),
        };
        Self { root, pool, library, scanner, _database: database }
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.root.path().join(path);
        fs::create_dir_all(path.parent().expect("below the root")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }

    async fn scan(&self) {
        self.scan_library(self.library).await;
    }

    async fn scan_library(&self, library: LibraryId) {
        let watch = Watch {
            is_stopped: Arc::new(|| false),
            report: Arc::new(|_| ()),
            is_slow: Arc::default(),
        };
        let request = Request { library, folders: Vec::new(), reads_problems: false, job: None };
        self.scanner.scan(&request, &watch).await.expect("a scan");
    }

    async fn text(&self, query: &'static str) -> Option<String> {
        store::find_text(&self.pool, query).await
    }

    async fn item(&self, identity: &str) -> Option<Uuid> {
        store::find_item(&self.pool, identity).await
    }
}

/// A second of film, with `n` in an element that players skip.
fn film(n: u64) -> Vec<u8> {
    static FILM: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("film.mkv");
        run(
            &["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=10:duration=1", "-c:v", "mpeg4"],
            &path,
        );
        fs::read(&path).expect("the film")
    });
    [&FILM[..], &[0xec, 0x88], &n.to_be_bytes()].concat()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the confined runner of media gives its children no file to write"
)]
fn run(args: &[&str], target: &Path) {
    let mut ffmpeg = std::process::Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostdin", "-y"]).args(args).arg(target);
    assert!(ffmpeg.status().expect("FFmpeg starts").success());
}

fn furnish(house: &House) {
    house.write("Dark (2017)/Season 01/Dark S01E01 Secrets.mkv", &film(1));
    house.write("Dark (2017)/Season 01/Dark S01E02.mkv", &film(2));
    house.write("Dark (2017)/Season 02/Dark S02E01-E02.mkv", &film(3));
    house.write("Dark (2017)/Specials/Dark S00E01.mkv", &film(4));
    house.write(
        "Dark (2017)/tvshow.nfo",
        b"<tvshow><title>Dark</title><status>Ended</status></tvshow>",
    );
    house.write(
        "Dark (2017)/Season 02/Dark S02E01-E02.nfo",
        b"<episodedetails><title>A</title><season>2</season><episode>1</episode></episodedetails>\
          <episodedetails><title>B</title><season>2</season><episode>2</episode></episodedetails>",
    );
    house.write("stray.mkv", &film(5));
}

const OUTLINE: &str = "SELECT string_agg(concat_ws(' ', kind, number, number_end, title), ', '
                       ORDER BY kind, parent_number, number) FROM item WHERE missing_since IS NULL";

#[tokio::test]
async fn files_become_series_seasons_and_episodes() {
    let house = House::new().await;
    furnish(&house);
    house.scan().await;
    let expect = "episode 1 Episode 1, episode 1 Secrets, episode 2 Episode 2, episode 1 2 A / B, \
                  season 0 Specials, season 1 Season 1, season 2 Season 2, series Dark";
    assert_eq!(house.text(OUTLINE).await.as_deref(), Some(expect));
    let series =
        "SELECT concat_ws(' ', status, numbering, leaf_count, child_count) FROM shows.series
                  JOIN item ON item.id = item_id";
    assert_eq!(house.text(series).await.as_deref(), Some("ended season 4 3"));
    let stray = "SELECT problem FROM file WHERE path = 'stray.mkv'";
    assert!(house.text(stray).await.is_some_and(|it| it.starts_with("its name says neither")));
}

#[tokio::test]
async fn a_renamed_series_keeps_its_rows_at_every_level() {
    let house = House::new().await;
    furnish(&house);
    house.scan().await;
    let identities = ["dark|2017", "dark|2017|s01", "dark|2017|s01e02", "dark|2017|s02e01"];
    let mut before = Vec::new();
    for identity in identities {
        before.push(house.item(identity).await.expect("an item"));
    }
    let root = house.root.path();
    fs::rename(root.join("Dark (2017)"), root.join("Light (2018)")).expect("renamed");
    for (season, name) in [
        ("Season 01", "S01E01 Secrets"),
        ("Season 01", "S01E02"),
        ("Season 02", "S02E01-E02"),
        ("Specials", "S00E01"),
    ] {
        let folder = root.join("Light (2018)").join(season);
        fs::rename(
            folder.join(format!("Dark {name}.mkv")),
            folder.join(format!("Light {name}.mkv")),
        )
        .expect("renamed");
    }
    house.scan().await;
    let mut after = Vec::new();
    for identity in identities {
        after.push(
            house.item(&identity.replace("dark|2017", "light|2018")).await.expect("the same item"),
        );
    }
    assert_eq!(after, before);
    assert_eq!(
        house
            .text("SELECT count(*)::text FROM item WHERE missing_since IS NOT NULL")
            .await
            .as_deref(),
        Some("0")
    );
}

#[tokio::test]
async fn a_series_moved_to_another_library_keeps_its_rows_at_every_level() {
    let house = House::new().await;
    furnish(&house);
    house.scan().await;
    let identities = ["dark|2017", "dark|2017|s01", "dark|2017|s01e02", "dark|2017|s02e01"];
    let mut before = Vec::new();
    for identity in identities {
        before.push(house.item(identity).await.expect("an item"));
    }
    let (library, root) = (house.scanner.ids.next(), TempDir::new().expect("a folder"));
    store::insert_library(&house.pool, library, shows::KIND.id, root.path()).await;
    fs::rename(house.root.path().join("Dark (2017)"), root.path().join("Dark (2017)"))
        .expect("moved");
    house.write("Other/Season 01/Other S01E01.mkv", &film(99));
    house.scan_library(library).await;
    house.scan().await;
    let mut after = Vec::new();
    for identity in identities {
        after.push(house.item(identity).await.expect("the same item"));
    }
    assert_eq!(after, before);
    let left = "SELECT count(*)::text FROM item JOIN library ON library.id = library_id WHERE identity LIKE 'dark%'
                AND library.name <> (SELECT name FROM library ORDER BY id DESC LIMIT 1)";
    assert_eq!(house.text(left).await.as_deref(), Some("0"));
    let missing = "SELECT count(*)::text FROM item WHERE missing_since IS NOT NULL";
    assert_eq!(house.text(missing).await.as_deref(), Some("0"));
}

#[tokio::test]
async fn an_episode_that_vanishes_leaves_its_series_and_the_last_takes_it_along() {
    let house = House::new().await;
    furnish(&house);
    house.scan().await;
    fs::remove_dir_all(house.root.path().join("Dark (2017)/Season 02")).expect("deleted");
    house.scan().await;
    let missing = "SELECT string_agg(identity, ', ' ORDER BY identity) FROM item WHERE missing_since IS NOT NULL";
    assert_eq!(house.text(missing).await.as_deref(), Some("dark|2017|s02, dark|2017|s02e01"));
    fs::remove_dir_all(house.root.path().join("Dark (2017)")).expect("deleted");
    house.scan().await;
    assert_eq!(
        house.text("SELECT count(*)::text FROM item WHERE missing_since IS NULL").await.as_deref(),
        Some("0")
    );
}

#[tokio::test]
async fn a_series_without_artwork_takes_the_frame_of_its_first_episode() {
    let house = House::new().await;
    furnish(&house);
    house.scan().await;
    let kept = tempfile::tempdir().expect("a folder");
    let camera = Camera {
        ffmpeg: media::tool::locate("ffmpeg", None),
        has_zscale: false,
        tools: house.scanner.tools.clone(),
    };
    let outbound = Outbound::new(Settings::default(), Clock::system(), Rng::system());
    let gallery = Gallery::new(kept.path().to_owned(), outbound.expect("a client"), 1);
    let artist = Artist { pool: house.pool.clone(), gallery, camera };
    assert_eq!(artist.make(house.library, &|_| true).await.expect("made"), 5);
    let series = "SELECT string_agg(concat_ws(' ', role, file.path), ', ' ORDER BY role) FROM image
                  JOIN item ON item.id = item_id JOIN file ON file.id = file_id WHERE kind = 'series'";
    let first = "Dark (2017)/Season 01/Dark S01E01 Secrets.mkv";
    assert_eq!(house.text(series).await, Some(format!("poster {first}, thumb {first}")));
    assert_eq!(artist.make(house.library, &|_| true).await.expect("made"), 0);
}

#[tokio::test]
async fn artwork_belongs_to_the_series_the_season_or_the_episode_that_its_name_says() {
    let house = House::new().await;
    furnish(&house);
    for name in [
        "poster.jpg",
        "banner.jpg",
        "clearlogo.png",
        "characterart.png",
        "fanart.jpg",
        "fanart2.jpg",
        "extrafanart/3.jpg",
        "season01-poster.jpg",
        "Season 02/poster.jpg",
        "season-specials-poster.jpg",
        "season-all-poster.jpg",
        "Season 01/Dark S01E01 Secrets-thumb.jpg",
        "Season 01/Dark S01E02.jpg",
    ] {
        house.write(&format!("Dark (2017)/{name}"), name.as_bytes());
    }
    house.scan().await;
    let pictures = "
        SELECT string_agg(identity || ' ' || role || ': ' || names, E'\n' ORDER BY identity, role) FROM (
            SELECT item.identity, image.role,
                   string_agg(regexp_replace(file.path, '^[^/]*/', ''), ', ' ORDER BY image.rank) AS names
            FROM image JOIN file ON file.id = image.file_id JOIN item ON item.id = image.item_id
            GROUP BY item.identity, image.role) AS roles";
    let expect = "dark|2017 backdrop: fanart.jpg, fanart2.jpg, extrafanart/3.jpg\n\
                  dark|2017 banner: banner.jpg\n\
                  dark|2017 logo: clearlogo.png\n\
                  dark|2017 poster: poster.jpg, season-all-poster.jpg\n\
                  dark|2017|s00 poster: season-specials-poster.jpg, season-all-poster.jpg\n\
                  dark|2017|s01 poster: season01-poster.jpg, season-all-poster.jpg\n\
                  dark|2017|s01e01 thumb: Season 01/Dark S01E01 Secrets-thumb.jpg\n\
                  dark|2017|s01e02 thumb: Season 01/Dark S01E02.jpg\n\
                  dark|2017|s02 poster: Season 02/poster.jpg, season-all-poster.jpg";
    assert_eq!(house.text(pictures).await.as_deref(), Some(expect));
}
