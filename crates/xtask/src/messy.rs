//! A messy collection: films and shows laid out in every style that people and programs use, and what each file must become.
//!
//! The plan is pure and knows nothing of the crates that read names; tests hold what these make of it against it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::{clip, ffmpeg, program};

/// Folder of the films within the collection.
pub const FILMS: &str = "Films";
/// Folder of the shows within the collection.
pub const SHOWS: &str = "Shows";

const FILM_LAYOUTS: &str = include_str!("messy/films.txt");
const FILM_TITLES: &str = include_str!("messy/film_titles.txt");
const SHOW_LAYOUTS: &str = include_str!("messy/shows.txt");
const SERIES_TITLES: &str = include_str!("messy/series_titles.txt");
const EPISODE_TITLES: &str = include_str!("messy/episode_titles.txt");

/// A file of the collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Relative to [`FILMS`] or [`SHOWS`].
    pub path: String,
    /// What it must become.
    pub expected: Expected,
}

/// What a file must become. What is absent must be absent, but for `version`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// `main`, `trailer`, `extra`, `theme`, `subtitle`, `audio`, `picture`, `nfo`; `nothing` for a file that no item claims,
    /// `ignored` for one that a scan does not even see.
    pub role: String,
    /// Title of the film or series.
    pub title: String,
    /// Year of the film or series.
    pub year: Option<i32>,
    /// Season of a show; absent when the file belongs to the whole series.
    pub season: Option<i32>,
    /// Episode; absent when the file belongs to the whole season.
    pub episode: Option<i32>,
    /// Last episode when there are several.
    pub episode_end: Option<i32>,
    /// Day of broadcast.
    pub date: Option<String>,
    /// Version of the film or episode; not compared where a layout states none.
    pub version: Option<String>,
    /// Part of a film in several files.
    pub part: Option<i16>,
    /// Language of a subtitle or audio track.
    pub language: Option<String>,
    /// Whether a subtitle is of foreign parts only.
    pub is_forced: bool,
    /// Whether a subtitle is for the hard of hearing.
    pub is_hearing_impaired: bool,
    /// Kind of an extra.
    pub extra_type: Option<String>,
    /// Role of a picture.
    pub picture: Option<String>,
}

impl Expected {
    fn to_json(&self) -> Value {
        let Self { role, title, year, season, episode, episode_end, date, version, .. } = self;
        let Self { part, language, is_forced, is_hearing_impaired, extra_type, picture, .. } = self;
        let mut object = json!({
            "role": role, "title": title, "year": year, "season": season, "episode": episode,
            "episode_end": episode_end, "date": date, "version": version, "part": part,
            "language": language, "forced": is_forced.then_some(true),
            "sdh": is_hearing_impaired.then_some(true), "extra_type": extra_type, "picture": picture,
        });
        if let Some(object) = object.as_object_mut() {
            object.retain(|_, value| !value.is_null());
        }
        object
    }
}

/// A layout: the files of one film or show, each with what it must become.
type Layout<'a> = Vec<(&'a str, &'a str)>;

fn rows(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|it| !it.trim().is_empty() && !it.starts_with("# "))
}

fn layouts(text: &str) -> Vec<Layout<'_>> {
    let mut layouts: Vec<Layout<'_>> = Vec::new();
    for row in rows(text) {
        if row.starts_with("= ") {
            layouts.push(Vec::new());
        } else if let (Some(layout), Some(file)) = (layouts.last_mut(), row.split_once(" | ")) {
            layout.push(file);
        }
    }
    layouts
}

fn titles(text: &str) -> Vec<(&str, i32)> {
    rows(text)
        .filter_map(|it| it.split_once('|'))
        .map(|it| (it.0, it.1.parse().unwrap_or_default()))
        .collect()
}

/// How many layouts each title meets.
const N_ROUNDS: i32 = 2;

/// The films: each title of the list in two layouts, the second time as the remake of a year later.
pub fn films() -> Vec<Planned> {
    let titles = titles(FILM_TITLES);
    let each = (0..N_ROUNDS).flat_map(|round| {
        titles.iter().map(move |(title, year)| ((*title).to_owned(), year + round))
    });
    lay_out_all(&layouts(FILM_LAYOUTS), each, &[""])
}

/// The shows: each title of the list in two layouts, the second time under another title.
pub fn shows() -> Vec<Planned> {
    let titles = titles(SERIES_TITLES);
    let each = (0..N_ROUNDS).flat_map(|round| {
        let beginning = if round == 0 { "" } else { "New " };
        titles.iter().map(move |(title, year)| (format!("{beginning}{title}"), *year))
    });
    let episodes: Vec<&str> = rows(EPISODE_TITLES).collect();
    lay_out_all(&layouts(SHOW_LAYOUTS), each, &episodes)
}

fn lay_out_all(
    layouts: &[Layout<'_>],
    titles: impl Iterator<Item = (String, i32)>,
    episodes: &[&str],
) -> Vec<Planned> {
    let each = titles.zip(layouts.iter().cycle()).enumerate();
    each.flat_map(|(n, ((title, year), layout))| lay_out(layout, (&title, year), n, episodes))
        .collect()
}

fn lay_out(
    layout: &[(&str, &str)],
    (title, year): (&str, i32),
    n: usize,
    episodes: &[&str],
) -> Vec<Planned> {
    let file = |(i, (pattern, facts)): (usize, &(&str, &str))| {
        let episode = episodes[(n * 7 + i) % episodes.len()];
        let path = pattern
            .replace("{n}", &format!("{n:05}"))
            .replace("{t}", title)
            .replace("{d}", &title.replace(' ', "."))
            .replace("{u}", &title.replace(' ', "_"))
            .replace("{l}", &title.replace(' ', ".").to_lowercase())
            .replace("{y}", &year.to_string())
            .replace("{e}", episode)
            .replace("{f}", &episode.replace(' ', "."));
        Planned { path, expected: expectation(facts, title, year) }
    };
    layout.iter().enumerate().map(file).collect()
}

fn expectation(facts: &str, title: &str, year: i32) -> Expected {
    let mut words = facts.split("  ").map(str::trim);
    let role = words.next().unwrap_or_default().to_owned();
    if matches!(role.as_str(), "nothing" | "ignored") {
        return Expected { role, ..Expected::default() };
    }
    let mut expected =
        Expected { role, title: title.to_owned(), year: Some(year), ..Expected::default() };
    for word in words {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        let text = || Some(value.to_owned());
        let number = || value.parse().ok();
        match key {
            "s" => expected.season = number(),
            "e" => expected.episode = number(),
            "end" => expected.episode_end = number(),
            "d" => expected.date = text(),
            "v" => expected.version = text(),
            "p" => expected.part = value.parse().ok(),
            "l" => expected.language = text(),
            "x" => expected.extra_type = text(),
            "a" => expected.picture = text(),
            "y" => expected.year = None,
            "forced" => expected.is_forced = true,
            "sdh" => expected.is_hearing_impaired = true,
            _ => unreachable!("the layouts are our own"),
        }
    }
    if expected.role == "trailer" {
        expected.extra_type.get_or_insert_with(|| "trailer".to_owned());
    }
    expected
}

/// Writes the collection below `folder`, with `manifest.json` beside its two libraries. Needs FFmpeg.
///
/// The same plan gives the same names and bytes, and no two films the same bytes, so that none is taken for another moved.
pub fn make(folder: &Path) -> Result<usize> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let samples = Samples::make(folder)?;
    let mut manifest = BTreeMap::new();
    for (library, planned) in [(FILMS, films()), (SHOWS, shows())] {
        for file in planned {
            let path = format!("{library}/{}", file.path);
            let whole = folder.join(&path);
            if let Some(parent) = whole.parent() {
                fs::create_dir_all(parent)?;
            }
            let bytes = samples.bytes(&path, &file.expected, manifest.len() as u64);
            fs::write(&whole, bytes)
                .with_context(|| format!("cannot write {}", whole.display()))?;
            manifest.insert(path, file.expected.to_json());
        }
    }
    fs::write(folder.join("manifest.json"), serde_json::to_string_pretty(&manifest)?)?;
    Ok(manifest.len())
}

/// A description whose plot is the path it lies at, so that it can be told which item took it.
fn nfo(path: &str, expected: &Expected) -> String {
    let root = match (path.starts_with(SHOWS), expected.episode) {
        (false, _) => "movie",
        (true, None) => "tvshow",
        (true, Some(_)) => "episodedetails",
    };
    let path = path.replace('&', "&amp;");
    format!("<{root}><plot>{path}</plot></{root}>\n")
}

/// One small valid file of each kind.
struct Samples {
    clips: Vec<clip::Clip>,
    others: Vec<(&'static str, Vec<u8>)>,
}

const SUBTITLE: &str = "1\n00:00:00,500 --> 00:00:02,000\nA line of dialogue.\n";
const STYLED: &str = "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\nStyle: Default,Arial,20\n\n\
    [Events]\nFormat: Start, End, Style, Text\nDialogue: 0:00:00.50,0:00:02.00,Default,A line of dialogue.\n";

impl Samples {
    fn make(work: &Path) -> Result<Self> {
        let picture = ["-f", "lavfi", "-i", "testsrc2=size=64x36:rate=1", "-frames:v", "1"];
        let tone = ["-f", "lavfi", "-i", "sine=frequency=330:duration=1", "-ac", "1"];
        let made = |extension: &'static str, arguments: &[&str]| {
            let file = work.join(format!("sample.{extension}"));
            let mut call = ffmpeg::command();
            call.args(arguments).args(ffmpeg::BITEXACT).arg(&file);
            program::output(&mut call)?;
            let bytes = fs::read(&file)?;
            fs::remove_file(&file)?;
            anyhow::Ok((extension, bytes))
        };
        let mut others = vec![("srt", SUBTITLE.into()), ("ass", STYLED.into())];
        for extension in ["jpg", "png"] {
            others.push(made(extension, &picture)?);
        }
        for extension in ["mp3", "ac3", "mka"] {
            others.push(made(extension, &tone)?);
        }
        Ok(Self { clips: clip::make(work)?, others })
    }

    /// A valid file for `path`; films are numbered, so that no two are the same.
    fn bytes(&self, path: &str, expected: &Expected, n: u64) -> Vec<u8> {
        let extension = path.rsplit('.').next().unwrap_or_default();
        if extension == "nfo" {
            return nfo(path, expected).into_bytes();
        }
        if let Some((_, bytes)) = self.others.iter().find(|it| it.0 == extension) {
            return bytes.clone();
        }
        if matches!(extension, "sfv" | "txt" | "DS_Store" | "bdmv" | "IFO" | "BUP") {
            return format!("{path}\n").into_bytes();
        }
        let is_mp4 = extension == "mp4";
        let clip = self.clips.iter().find(|it| (it.extension == "mp4") == is_mp4);
        clip.map(|it| it.numbered(n)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{films, shows};

    #[test]
    fn the_collection_is_large_and_no_path_is_planned_twice() {
        for (planned, least) in [(films(), 900), (shows(), 700)] {
            let paths: HashSet<&str> = planned.iter().map(|it| it.path.as_str()).collect();
            assert_eq!(paths.len(), planned.len());
            assert!(paths.len() >= least, "{}", paths.len());
        }
    }
}
