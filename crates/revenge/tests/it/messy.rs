//! A messy collection becomes what its plan says: by its names alone, and scanned from a disk into a catalog.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

use catalog::kind::{Candidate, CandidateFile, Kind, Listed};
use naming::MediaClass;
use serde_json::json;
use sqlx::{ConnectOptions as _, PgConnection, Row as _};
use xtask::messy::{self, Expected, Planned};

use crate::app::App;

#[test]
fn every_file_of_a_messy_collection_becomes_what_it_must() {
    for (kind, planned) in [(&movies::KIND, messy::films()), (&shows::KIND, messy::shows())] {
        compare(&planned, &arrange(kind, &planned));
    }
}

#[tokio::test]
async fn a_messy_collection_on_a_disk_becomes_what_it_must_and_stays_so() {
    // Frames of a thousand films are another test's business.
    let app = App::start_with(|it| it.media.ffmpeg = Some("/nowhere/ffmpeg".into())).await;
    let owner = app.owner().await;
    let folder = app.folder.path().join("messy");
    messy::make(&folder).expect("a messy collection");
    let mut db = app.database.options().connect().await.expect("a connection");
    for (kind, name, planned) in
        [("movies", messy::FILMS, messy::films()), ("shows", messy::SHOWS, messy::shows())]
    {
        let body = json!({ "name": name, "kind": kind, "folders": [folder.join(name)] });
        let answer = app.post(&owner, "/libraries", body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let library = answer.json()["id"].as_str().expect("an id").to_owned();
        let titles = planned.iter().map(|it| (&it.expected.title, it.expected.year));
        let titles: HashSet<_> = titles.filter(|it| !it.0.is_empty()).collect();
        let mut before = None;
        for _ in 0..2 {
            app.scan(&owner, &library).await;
            let found = read(&mut db, kind).await;
            compare(&planned, &found);
            let problems = app.get(&owner, &format!("/libraries/{library}/problems")).await.json();
            assert_eq!(problems["items"], json!([]));
            let libraries = app.get(&owner, "/libraries").await.json();
            let libraries = libraries["items"].as_array().expect("libraries").iter();
            let counted = libraries.filter(|it| it["name"] == name).map(|it| &it["item_count"]);
            assert_eq!(counted.collect::<Vec<_>>(), [&json!(titles.len())]);
            assert!(before.is_none_or(|it| it == found), "another scan changed something");
            before = Some(found);
        }
    }
}

/// Fails where a file did not become what it must, with the list of all such files.
fn compare(planned: &[Planned], found: &HashMap<String, Expected>) {
    let mut report = String::new();
    let mut n_wrong = 0;
    for file in planned {
        let nothing = Expected { role: "nothing".to_owned(), ..Expected::default() };
        let found = found.get(file.path.as_str()).unwrap_or(&nothing);
        // Where a layout has one version, its name is no matter.
        let version = file.expected.version.as_ref().and(found.version.clone());
        let found = Expected { version, ..found.clone() };
        if found != file.expected {
            n_wrong += 1;
            writeln!(report, "{}\n  must  {:?}\n  found {found:?}", file.path, file.expected)
                .expect("a String takes all");
        }
    }
    assert!(n_wrong == 0, "{n_wrong} of {} files\n{report}", planned.len());
}

/// What each file of the libraries of a kind became, as [`arrange`] tells it.
async fn read(db: &mut PgConnection, kind: &str) -> HashMap<String, Expected> {
    let sql = "
        WITH claimed AS (
            SELECT file.path, it.item_id, it.role, it.version, it.part, it.language, it.is_forced,
                it.is_hearing_impaired, it.extra_type, NULL AS picture
            FROM catalog.item_file AS it JOIN catalog.file ON file.id = it.file_id
            UNION ALL
            SELECT file.path, image.item_id, 'picture', NULL, NULL, NULL, false, false, NULL, image.role
            FROM catalog.image JOIN catalog.file ON file.id = image.file_id
            WHERE image.source = 'local'
            UNION ALL
            SELECT substr(overview, strpos(overview, '/') + 1), id, 'nfo', NULL, NULL, NULL, false,
                false, NULL, NULL
            FROM catalog.item WHERE overview IS NOT NULL
        )
        SELECT claimed.*, root.title, root.year, item.number_end, item.released_on::text,
            CASE item.kind WHEN 'season' THEN item.number WHEN 'episode' THEN parent.number END AS season,
            CASE item.kind WHEN 'episode' THEN item.number END AS episode
        FROM claimed
        JOIN catalog.item ON item.id = claimed.item_id
        JOIN catalog.item AS root ON root.id = item.root_id
        LEFT JOIN catalog.item AS parent ON parent.id = item.parent_id
        JOIN catalog.library ON library.id = item.library_id
        WHERE library.kind = $1";
    let rows = sqlx::query(sql).bind(kind).fetch_all(&mut *db).await.expect("the files");
    let mut found: HashMap<String, Expected> = rows
        .iter()
        .map(|row| {
            let became = Expected {
                role: row.get("role"),
                title: row.get("title"),
                year: row.get("year"),
                season: row.get("season"),
                episode: row.get("episode"),
                episode_end: row.get("number_end"),
                date: row.get("released_on"),
                version: row.get("version"),
                part: row.get("part"),
                language: row.get("language"),
                is_forced: row.get("is_forced"),
                is_hearing_impaired: row.get("is_hearing_impaired"),
                extra_type: row.get("extra_type"),
                picture: row.get("picture"),
            };
            (row.get("path"), became)
        })
        .collect();
    let sql = "SELECT path FROM catalog.file JOIN catalog.library ON library.id = file.library_id
        WHERE library.kind = $1";
    let rows = sqlx::query(sql).bind(kind).fetch_all(db).await.expect("the rows");
    let seen: HashSet<String> = rows.iter().map(|it| it.get("path")).collect();
    let planned = if kind == "movies" { messy::films() } else { messy::shows() };
    for path in planned.into_iter().map(|it| it.path).filter(|it| !seen.contains(it)) {
        if path.split('/').any(naming::is_ignored) {
            found.insert(path, Expected { role: "ignored".to_owned(), ..Expected::default() });
        }
    }
    found
}

/// What each path becomes; no entry for what no item claims. As in a scan, what lies in one topmost folder is arranged together.
fn arrange(kind: &Kind, planned: &[Planned]) -> HashMap<String, Expected> {
    let mut found = HashMap::new();
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in planned.iter().map(|it| it.path.as_str()) {
        if path.split('/').any(naming::is_ignored) {
            found.insert(
                path.to_owned(),
                Expected { role: "ignored".to_owned(), ..Expected::default() },
            );
            continue;
        }
        let group = path.split_once('/').map_or("", |it| it.0);
        groups.entry(group).or_default().push(path);
    }
    for paths in groups.values() {
        let parsed = naming::parse_listing(paths, kind.hint);
        let listed: Vec<Listed<'_>> = paths
            .iter()
            .zip(&parsed)
            .map(|(path, parsed)| Listed {
                path,
                parsed,
                class: MediaClass::of(path),
                size_bytes: 1,
            })
            .collect();
        for item in (kind.arrange)(&listed).items {
            let whole =
                Expected { title: item.title.clone(), year: item.year, ..Expected::default() };
            tell(&item, &whole, paths, &mut found);
        }
    }
    found
}

/// Adds the files of `item` and of all below it. `whole` is what is known of the items above.
fn tell(item: &Candidate, whole: &Expected, paths: &[&str], found: &mut HashMap<String, Expected>) {
    let mut put = |position: usize, role: &str, more: &dyn Fn(&mut Expected)| {
        let mut expected = Expected { role: role.to_owned(), ..whole.clone() };
        more(&mut expected);
        found.insert(paths[position].to_owned(), expected);
    };
    for file in &item.files {
        let CandidateFile { version, part, language, extra_type, .. } = file.clone();
        put(file.position, file.role.as_str(), &|it| {
            it.version.clone_from(&version);
            it.part = part;
            it.language.clone_from(&language);
            it.is_forced = file.is_forced;
            it.is_hearing_impaired = file.is_hearing_impaired;
            it.extra_type.clone_from(&extra_type);
        });
    }
    for position in &item.nfo {
        put(*position, "nfo", &|_| {});
    }
    for (role, position) in &item.artwork {
        put(*position, "picture", &|it| it.picture = Some(role.as_str().to_owned()));
    }
    for child in &item.children {
        let mut whole = whole.clone();
        if whole.season.is_none() {
            whole.season = child.number;
        } else {
            whole.episode = child.number;
            whole.episode_end = child.number_end;
            whole.date = child.released_on.map(|it| it.to_string());
        }
        tell(child, &whole, paths, found);
    }
}
