//! Writes what is known of items into NFO files beside their media, where a library wants that.
//!
//! What other tools wrote there is kept, and the file as it was before we first wrote into it beside it, as `.bak`. Our
//! files end with a seal: the hash of what is before it. As long as it fits, a scan
//! takes the file for our own words, which are the weakest source but for the name; once somebody changed the file, it is
//! theirs.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use jobs::{Context, JobError, Queue, Work};
use kernel::Result;
use kernel::id::ItemId;
use metadata::local::nfo::{self, Subject};
use metadata::{Facts, Subject as Asked};
use naming::Hint;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::remake::facts_of;
use super::sources::LibraryMetadata;
use super::store::place::{PlaceRow, list_places_unscoped};
use super::store::{due, out};
use crate::{Catalog, stored_path};

const SEAL: &str = "<!-- Written by Revenge: ";
const SEAL_END: &str = " -->\n";
const HASH_LETTERS: usize = 16;
/// Files are there for every program that looks at the media.
const MODE: u32 = 0o644;

/// Writes the NFO files of an item and of those below it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WriteNfo {
    /// The topmost item.
    pub item_id: ItemId,
}

impl Work for WriteNfo {
    const KIND: &'static str = "catalog.write_nfo";
    const QUEUE: Queue = Queue::Low;
    const MAX_ATTEMPTS: u16 = 3;
    const ONE_PER: Option<&'static str> = Some("item");

    fn unique_key(&self) -> Option<String> {
        Some(self.item_id.to_string())
    }
}

/// What is to be written where.
#[derive(Clone, Debug, PartialEq)]
struct Plan {
    path: PathBuf,
    documents: Vec<(Subject, Facts)>,
}

pub(super) async fn work(
    catalog: &Catalog,
    work: &WriteNfo,
    context: &Context,
) -> Result<(), JobError> {
    for plan in catalog.plan_nfo(work.item_id).await? {
        context.check()?;
        let path = plan.path.clone();
        let written = tokio::task::spawn_blocking(move || write(&plan.path, &plan.documents));
        match written.await.map_err(anyhow::Error::from)? {
            Ok(true) => context.log(format!("{} written", path.display())),
            Ok(false) => {}
            // A folder that is read-only is its owner's wish; a file we do not understand is not ours to replace.
            Err(error) => {
                tracing::warn!(path = %catalog.door.name(&path), %error, "nfo.not_written");
                context.log(format!("{}: {error}", path.display()));
            }
        }
    }
    Ok(())
}

impl Catalog {
    /// The files that say what is known of an item; none where its library wants none.
    async fn plan_nfo(&self, id: ItemId) -> Result<Vec<Plan>> {
        let mut db = self.connection().await?;
        let Some(target) = due::find_target_unscoped(&mut db, id).await? else {
            return Ok(Vec::new());
        };
        let is_wanted = target.is_top && LibraryMetadata::of(&target.settings).write_nfo;
        let Some(asked) = self.subject_of(&target.library_kind).filter(|_| is_wanted) else {
            return Ok(Vec::new());
        };
        let tree = out::list_tree_unscoped(&mut db, id).await?;
        let places = list_places_unscoped(&mut db, &tree).await?;
        let facts = facts_of(&mut db, &self.sources, &tree).await?;
        Ok(plan(asked, id, &places, facts))
    }
}

/// Pure.
fn plan(
    asked: Asked,
    root: ItemId,
    places: &[PlaceRow],
    mut facts: HashMap<ItemId, Facts>,
) -> Vec<Plan> {
    let mut plans: Vec<Plan> = Vec::new();
    if asked == Asked::Series
        && let Some(folder) = series_folder(places)
        && let Some(facts) = facts.remove(&root)
    {
        plans.push(Plan {
            path: folder.join("tvshow.nfo"),
            documents: vec![(Subject::Series, facts)],
        });
    }
    if asked == Asked::Series {
        plans.extend(places.iter().filter_map(|it| season_plan(it, &mut facts)));
    }
    for place in places {
        let Some(mut facts) = facts.remove(&place.item_id) else { continue };
        let media = stored_path::from_text(&place.folder).join(stored_path::from_text(&place.path));
        let (subject, path) = match asked {
            Asked::Movie if place.has_movie_nfo => {
                (Subject::Movie, media.with_file_name("movie.nfo"))
            }
            Asked::Movie => (Subject::Movie, media.with_extension("nfo")),
            Asked::Series => {
                facts.season = place.season.or(facts.season);
                facts.episode = place.number.or(facts.episode);
                (Subject::Episode, media.with_extension("nfo"))
            }
        };
        match plans.iter_mut().find(|it| it.path == path) {
            Some(plan) => plan.documents.push((subject, facts)),
            None => plans.push(Plan { path, documents: vec![(subject, facts)] }),
        }
    }
    plans
}

/// The description of a season, where its first episode lies in a folder that is called like it: elsewhere nobody would know
/// whose it is.
fn season_plan(place: &PlaceRow, facts: &mut HashMap<ItemId, Facts>) -> Option<Plan> {
    let mut folders = folders(&place.path);
    let folder = folders.iter().rposition(|it| season_of(it).is_some())?;
    if season_of(&folders[folder]) != place.season {
        return None;
    }
    folders.truncate(folder + 1);
    let mut facts = facts.remove(&place.parent_id?)?;
    facts.season = place.season;
    // Seasons are put in order by their numbers, which is nobody's business.
    facts.sort_title = None;
    let folder =
        stored_path::from_text(&place.folder).join(stored_path::from_text(&folders.join("/")));
    Some(Plan { path: folder.join("season.nfo"), documents: vec![(Subject::Season, facts)] })
}

/// The folders above a file, the topmost first.
fn folders(path: &str) -> Vec<String> {
    let folder = path.rsplit_once('/').map_or("", |it| it.0);
    folder.split('/').filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

/// The season that a folder is called like.
fn season_of(folder: &str) -> Option<i32> {
    naming::parse(&format!("Series/{folder}/file.mkv"), Hint::Shows).season.map(i32::from)
}

/// The folder that holds a series and nothing else: the deepest one that all its files are in, but for that of a season. None
/// where that is the library's own.
fn series_folder(places: &[PlaceRow]) -> Option<PathBuf> {
    let first = places.first()?;
    if places.iter().any(|it| it.folder != first.folder) {
        return None;
    }
    let mut common = folders(&first.path);
    for place in places {
        let other = folders(&place.path);
        let same = common.iter().zip(&other).take_while(|(one, other)| one == other).count();
        common.truncate(same);
    }
    if common.last().is_some_and(|it| season_of(it).is_some()) {
        common.pop();
    }
    if common.is_empty() {
        return None;
    }
    let below = stored_path::from_text(&common.join("/"));
    Some(stored_path::from_text(&first.folder).join(below))
}

/// Writes one file, whole or not at all. False where it says all that already. Slow: call it on a thread that may block.
fn write(path: &Path, documents: &[(Subject, Facts)]) -> io::Result<bool> {
    let existing = match fs::File::open(path) {
        Ok(file) => {
            let mut bytes = Vec::new();
            file.take(nfo::MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
            Some(bytes)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let documents: Vec<(Subject, &Facts)> =
        documents.iter().map(|(it, facts)| (*it, facts)).collect();
    let bare = existing.as_deref().map(without_seal);
    let sealed = seal(nfo::write(&documents, bare).map_err(io::Error::other)?);
    if existing.as_ref() == Some(&sealed) {
        return Ok(false);
    }
    let folder = path.parent().ok_or_else(|| io::Error::other("a file is in a folder"))?;
    if let Some(theirs) = existing.as_deref().filter(|it| !is_sealed(it)) {
        keep_beside(path, folder, theirs)?;
    }
    let mut temporary = tempfile::Builder::new().prefix(".revenge-").tempfile_in(folder)?;
    temporary.write_all(&sealed)?;
    temporary.as_file().set_permissions(fs::Permissions::from_mode(MODE))?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|it| it.error)?;
    Ok(true)
}

/// Keeps a file of somebody else's as it was before we first wrote into it, as `<name>.bak`.
fn keep_beside(path: &Path, folder: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".bak");
    // Whole or not at all: what is there counts as the original from then on.
    let mut temporary = tempfile::Builder::new().prefix(".revenge-").tempfile_in(folder)?;
    temporary.write_all(bytes)?;
    temporary.as_file().set_permissions(fs::Permissions::from_mode(MODE))?;
    temporary.as_file().sync_all()?;
    match temporary.persist_noclobber(PathBuf::from(name)) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
    }
}

fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let hash = xxh3_64(&bytes);
    bytes.extend(format!("{SEAL}{hash:016x}{SEAL_END}").into_bytes());
    bytes
}

/// Whether a file is as we wrote it.
pub(crate) fn is_sealed(bytes: &[u8]) -> bool {
    let bare = without_seal(bytes);
    bare.len() < bytes.len() && seal(bare.to_vec()) == bytes
}

/// A file without the seal at its end, whether that fits or not.
fn without_seal(bytes: &[u8]) -> &[u8] {
    let length = SEAL.len() + HASH_LETTERS + SEAL_END.len();
    let Some(at) = bytes.len().checked_sub(length) else { return bytes };
    let (bare, end) = bytes.split_at(at);
    if end.starts_with(SEAL.as_bytes()) && end.ends_with(SEAL_END.as_bytes()) {
        bare
    } else {
        bytes
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn place(id: u128, path: &str) -> PlaceRow {
        PlaceRow {
            item_id: ItemId(Uuid::from_u128(id)),
            folder: "/media".to_owned(),
            path: path.to_owned(),
            parent_id: None,
            season: Some(1),
            number: Some(id as i32),
            has_movie_nfo: false,
        }
    }

    #[test]
    fn a_seal_fits_until_somebody_changes_the_file() {
        let sealed = seal(b"<movie></movie>\n".to_vec());
        assert!(is_sealed(&sealed));
        assert_eq!(without_seal(&sealed), b"<movie></movie>\n");
        let mut changed = sealed.clone();
        changed[3] = b'x';
        assert!(!is_sealed(&changed));
        assert_eq!(seal(without_seal(&sealed).to_vec()), sealed);
        for other in [&b""[..], b"<movie></movie>", SEAL.as_bytes(), b" -->\n"] {
            assert!(!is_sealed(other));
            assert_eq!(without_seal(other), other);
        }
    }

    #[test]
    fn the_folder_of_a_series_is_told_by_its_files() {
        for (paths, expect) in [
            (vec!["Dark/Season 1/a.mkv", "Dark/Season 2/b.mkv"], Some("/media/Dark")),
            (vec!["Dark/Season 1/a.mkv"], Some("/media/Dark")),
            (vec!["Dark/a.mkv", "Dark/b.mkv"], Some("/media/Dark")),
            (vec!["German/Dark/a.mkv"], Some("/media/German/Dark")),
            (vec!["Season 1/a.mkv"], None),
            (vec!["a.mkv"], None),
            (vec!["Dark/a.mkv", "Also Dark/b.mkv"], None),
            (vec![], None),
        ] {
            let places: Vec<PlaceRow> = paths.iter().map(|it| place(1, it)).collect();
            assert_eq!(series_folder(&places).as_deref(), expect.map(Path::new), "{paths:?}");
        }
    }

    #[test]
    fn a_file_is_written_once_keeps_what_is_not_ours_and_leaves_alone_what_is_no_description() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("movie.nfo");
        fs::write(&path, "<movie><title>Old</title><mine>kept</mine></movie>").expect("written");
        let facts =
            Facts { title: Some("Heat & Dust".to_owned()), year: Some(1983), ..Facts::default() };
        let documents = vec![(Subject::Movie, facts.clone())];
        assert!(write(&path, &documents).expect("written"));
        let bytes = fs::read(&path).expect("read");
        assert!(is_sealed(&bytes));
        let text = String::from_utf8(bytes).expect("text");
        assert!(text.contains("<mine>kept</mine>") && text.contains("Heat &amp; Dust"), "{text}");
        assert!(!write(&path, &documents).expect("nothing to do"));
        let read = nfo::read(text.as_bytes()).expect("a description");
        assert_eq!(
            (read[0].facts.title.as_deref(), read[0].facts.year),
            (Some("Heat & Dust"), Some(1983))
        );
        let theirs = "<movie><title>Old</title><mine>kept</mine></movie>";
        let kept = || fs::read_to_string(folder.path().join("movie.nfo.bak")).expect("kept");
        assert_eq!(kept(), theirs, "as it was before");
        fs::write(&path, text.replace("kept", "changed")).expect("written");
        assert!(write(&path, &documents).expect("written"));
        assert_eq!(kept(), theirs, "the first one");
        assert_eq!(
            fs::read_dir(folder.path()).expect("a folder").count(),
            2,
            "nothing else is left beside it"
        );

        let drawing = folder.path().join("group.nfo");
        fs::write(&drawing, "(c) a release group").expect("written");
        assert!(write(&drawing, &documents).is_err());
        assert_eq!(fs::read(&drawing).expect("read"), b"(c) a release group");
        assert!(write(&folder.path().join("not/there.nfo"), &documents).is_err());
    }

    #[test]
    fn episodes_are_described_beside_their_files_and_films_where_they_were() {
        let (one, two) = (place(1, "Dark/S1/a.mkv"), place(2, "Dark/S1/b.mkv"));
        let root = ItemId(Uuid::from_u128(9));
        let facts: HashMap<ItemId, Facts> =
            [root, one.item_id, two.item_id].map(|it| (it, Facts::default())).into();
        let plans = plan(Asked::Series, root, &[one.clone(), two], facts.clone());
        let paths: Vec<_> = plans.iter().map(|it| it.path.display().to_string()).collect();
        assert_eq!(
            paths,
            ["/media/Dark/tvshow.nfo", "/media/Dark/S1/a.nfo", "/media/Dark/S1/b.nfo"]
        );
        assert_eq!(plans[1].documents[0].1.episode, Some(1));
        let film = PlaceRow { has_movie_nfo: true, ..one };
        let plans = plan(Asked::Movie, film.item_id, &[film], facts);
        assert_eq!(plans[0].path, Path::new("/media/Dark/S1/movie.nfo"));
    }

    #[test]
    fn a_season_is_described_once_in_the_folder_that_is_called_like_it() {
        let (root, season) = (ItemId(Uuid::from_u128(9)), ItemId(Uuid::from_u128(8)));
        let check = |paths: &[&str], number: i32, expect: Option<&str>| {
            let places: Vec<PlaceRow> = (1..)
                .zip(paths)
                .map(|(id, path)| PlaceRow {
                    parent_id: Some(season),
                    season: Some(number),
                    ..place(id, path)
                })
                .collect();
            let known = Facts { sort_title: Some("000001".to_owned()), ..Facts::default() };
            let facts = [(root, Facts::default()), (season, known)].into();
            let plans = plan(Asked::Series, root, &places, facts);
            let seasons: Vec<&Plan> =
                plans.iter().filter(|it| it.path.ends_with("season.nfo")).collect();
            let found: Vec<_> = seasons.iter().map(|it| it.path.to_str()).collect();
            assert_eq!(found, expect.map(Some).into_iter().collect::<Vec<_>>(), "{paths:?}");
            for plan in seasons {
                let (subject, facts) = &plan.documents[0];
                assert_eq!(
                    (*subject, facts.season, &facts.sort_title),
                    (Subject::Season, Some(number), &None)
                );
            }
        };
        let in_season_one = ["Dark/Season 1/a.mkv", "Dark/Season 1/b.mkv"];
        check(&in_season_one, 1, Some("/media/Dark/Season 1/season.nfo"));
        check(&in_season_one, 2, None);
        check(&["Dark/Season 1/e1/a.mkv"], 1, Some("/media/Dark/Season 1/season.nfo"));
        check(&["Dark/Specials/a.mkv"], 0, Some("/media/Dark/Specials/season.nfo"));
        check(&["Dark/Dark S01E01.mkv"], 1, None);
    }
}
