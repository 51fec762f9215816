//! One path: its class decides who reads it.

use crate::{
    Hint, MediaClass, artwork,
    context::{Folders, Place},
    extra,
    ignored::is_system_file,
    media_class::extension,
    other_media,
    parsed::{Fact, Kind, Parsed},
    sidecar,
    video::{self, Siblings},
};

/// What stands beside a file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// The stem of the video whose name this file's name begins with.
    pub video: Option<&'a str>,
}

/// Sound formats that only films' tracks come in.
const TRACK_ONLY: &[&str] = &["mka", "ac3", "eac3", "ec3", "dts", "dtshd", "thd", "truehd"];

/// Files of a disc structure that are not the picture itself.
const DISC_INDEXES: &[&str] = &["ifo", "bup", "bdmv", "mpls", "clpi", "jar", "properties"];

/// Reads the file at `place`.
pub fn parse(place: &Place, folders: &Folders, siblings: Siblings, beside: Beside) -> Parsed {
    let extension = extension(place.file);
    if folders.is_system || is_system_file(place.file) {
        let container = extension.map(|it| it.0);
        return Parsed { container, ..Parsed::default() };
    }
    let stem =
        extension.map_or(place.file, |(it, _)| &place.file[..place.file.len() - it.len() - 1]);
    let class = extension.map(|it| it.1);
    let offset = place.file_offset;
    let mut facts = match class {
        // Without an extension the name is a release's, or a disc's folder.
        None | Some(MediaClass::Video) => {
            read_video(stem, offset, folders, siblings, extension.map(|it| it.0))
        }
        Some(MediaClass::Subtitle) => {
            sidecar::parse(stem, offset, Kind::Subtitle, folders, siblings, beside.video)
        }
        Some(MediaClass::Audio) => {
            audio(stem, offset, folders, siblings, beside, extension.map_or("", |it| it.0))
        }
        Some(MediaClass::Image) => {
            artwork::parse(stem, offset, folders, siblings, beside.video == Some(stem))
                .unwrap_or_else(|| picture(stem, offset, folders))
        }
        Some(MediaClass::Nfo) => sidecar_of_video(stem, offset, folders, siblings),
        Some(MediaClass::Book) => other_media::parse(stem, offset, Kind::Book, folders),
        Some(MediaClass::Comic) => other_media::parse(stem, offset, Kind::Comic, folders),
        // They play nothing themselves; what they name is the disc's.
        Some(MediaClass::Other) if matches!(extension, Some(("ifo" | "bdmv", _))) => {
            read_video(stem, offset, folders, siblings, extension.map(|it| it.0))
        }
        Some(MediaClass::Other) => Parsed::default(),
    };
    facts.container = extension.map(|it| it.0);
    if let Some((it, _)) = extension {
        let end = offset + place.file.len();
        facts.note(Fact::Container, 0, end - it.len()..end);
    }
    facts
}

fn read_video(
    stem: &str,
    offset: usize,
    folders: &Folders,
    siblings: Siblings,
    extension: Option<&str>,
) -> Parsed {
    let disc = folders.disc().or(match stem {
        "VIDEO_TS" => Some("dvd"),
        "BDMV" => Some("bluray"),
        _ => None,
    });
    if disc.is_none()
        && let Some(extra) = extra::parse(stem, offset, folders, siblings)
    {
        return extra;
    }
    let stem = if disc.is_some() { "" } else { stem };
    let mut facts = video::parse(stem, offset, folders, siblings);
    facts.disc = disc;
    if disc.is_some()
        && extension.is_some_and(|it| DISC_INDEXES.contains(&it))
        && stem != "VIDEO_TS"
    {
        facts.kind = Kind::Other;
    }
    facts
}

fn audio(
    stem: &str,
    offset: usize,
    folders: &Folders,
    siblings: Siblings,
    beside: Beside,
    extension: &str,
) -> Parsed {
    // "Film (1995).theme" among films; elsewhere a song may end so.
    let ends_in_theme =
        || stem.rsplit(['.', '-']).next().is_some_and(|it| it.eq_ignore_ascii_case("theme"));
    let is_theme = stem.eq_ignore_ascii_case("theme")
        || folders.hint != Hint::Any && ends_in_theme()
        || folders.extras() == Some("theme_song");
    if is_theme {
        let mut facts = video::parse("", 0, folders, siblings);
        facts.kind = Kind::Extra;
        facts.extra_type = Some("theme_song");
        facts.episode_title = None;
        if facts.series.is_some() {
            facts.title = None;
        }
        return facts;
    }
    let is_of_film =
        folders.hint != Hint::Any || beside.video.is_some() || TRACK_ONLY.contains(&extension);
    if is_of_film && !folders.mention(&["music", "musik", "audiobooks", "audiobook", "podcasts"]) {
        return sidecar::parse(stem, offset, Kind::Audio, folders, siblings, beside.video);
    }
    let is_book = matches!(extension, "m4b" | "aax" | "aa")
        || folders.mention(&["audiobooks", "audiobook", "horbucher", "hoerbuecher", "audiolibros"]);
    other_media::parse(stem, offset, if is_book { Kind::Audiobook } else { Kind::Track }, folders)
}

fn picture(stem: &str, offset: usize, folders: &Folders) -> Parsed {
    if folders.hint == Hint::Any {
        other_media::parse(stem, offset, Kind::Photo, folders)
    } else {
        Parsed::default()
    }
}

/// An NFO file: `movie.nfo` and `tvshow.nfo` describe their folder, any other the video of its name.
fn sidecar_of_video(stem: &str, offset: usize, folders: &Folders, siblings: Siblings) -> Parsed {
    let is_of_folder =
        matches!(stem.to_ascii_lowercase().as_str(), "movie" | "tvshow" | "season" | "show");
    let mut facts = video::parse(if is_of_folder { "" } else { stem }, offset, folders, siblings);
    if stem.eq_ignore_ascii_case("tvshow") && facts.series.is_none() {
        facts.series = facts.title.take();
    }
    facts.kind = Kind::Other;
    facts.sidecar = true;
    facts
}
