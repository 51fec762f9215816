//! Every title in every style: titles that are numbers, years or words of releases, written in each of the ways that people
//! and programs write, must be read back. Tables show single names; this shows that rules do not get in each other's way.

use std::{collections::BTreeMap, fmt::Write as _};

use naming::{Hint, Parsed, parse};

/// Films as `title|year`. No signs but hyphens and apostrophes, so that a title is the same in every style.
const FILMS: &str = include_str!("data/composed/films.txt");
/// Series as `title|year`; the year is used where a style writes one.
const SERIES: &str = include_str!("data/composed/series.txt");
/// Titles of episodes.
const EPISODES: &str = include_str!("data/composed/episodes.txt");

/// `{t}` stands for the title with spaces, `{d}` with dots, `{u}` with underscores, `{l}` with dots in lower case, `{y}` for
/// the year. Behind the bar what else the name says.
const FILM_STYLES: &str = include_str!("data/composed/film_styles.txt");
/// As for films; `{T}`, `{D}`, `{U}` and `{L}` stand for the episode's title.
const EPISODE_STYLES: &str = include_str!("data/composed/episode_styles.txt");

/// Facts of releases and how each is spelled; `{x}` in the styles stands for one of them.
const RELEASE: &str = include_str!("data/composed/release.txt");
const RELEASE_STYLES: &str = include_str!("data/composed/release_styles.txt");

fn rows(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|it| !it.trim().is_empty() && !it.starts_with("# "))
}

/// A style: how a name is written, and the facts it states besides the title.
struct Style {
    pattern: &'static str,
    facts: Vec<(&'static str, &'static str)>,
}

fn styles(text: &'static str) -> Vec<Style> {
    rows(text)
        .map(|it| {
            let (pattern, facts) = it.split_once(" | ").unwrap_or((it, ""));
            let facts = facts.split("  ").filter_map(|it| it.trim().split_once('=')).collect();
            Style { pattern: pattern.trim(), facts }
        })
        .collect()
}

fn write(pattern: &str, letters: [char; 4], title: &str) -> String {
    let [spaced, dotted, underscored, lower] = letters.map(|it| format!("{{{it}}}"));
    pattern
        .replace(&spaced, title)
        .replace(&dotted, &title.replace(' ', "."))
        .replace(&underscored, &title.replace(' ', "_"))
        .replace(&lower, &title.replace(' ', ".").to_lowercase())
}

/// What differs from `expected`, as text; empty when nothing does.
fn differences(parsed: &Parsed, expected: &[(&str, String)]) -> String {
    let found = serde_json::to_value(parsed).expect("plain values");
    let mut text = String::new();
    for (key, expected) in expected {
        let value = &found[*key];
        let actual = value.as_str().map_or_else(
            || if value.is_null() { "absent".to_owned() } else { value.to_string() },
            str::to_owned,
        );
        if actual != *expected {
            write!(text, " {key}={actual} for {expected};").expect("a String takes all");
        }
    }
    text
}

/// A year in a series' style that does not write it is not expected.
fn expectations(
    style: &Style,
    title: (&'static str, String),
    year: &str,
) -> Vec<(&'static str, String)> {
    let is_lower = style.pattern.contains("{l}");
    let (key, title) = title;
    let mut expected = vec![(key, if is_lower { title.to_lowercase() } else { title })];
    let year = if style.pattern.contains("{y}") { year } else { "absent" };
    expected.push(("year", year.to_owned()));
    expected.extend(style.facts.iter().map(|(key, value)| (*key, (*value).to_owned())));
    expected
}

/// Fails with the wrong ones, grouped by style, when there are any.
fn report(wrong: &BTreeMap<&str, Vec<String>>, n_names: usize) {
    let n_wrong: usize = wrong.values().map(Vec::len).sum();
    let mut text = format!("{n_wrong} of {n_names} names are read wrong\n");
    for (style, names) in wrong {
        writeln!(text, "{} in {style}", names.len()).expect("a String takes all");
        for name in names {
            writeln!(text, "    {name}").expect("a String takes all");
        }
    }
    assert!(n_wrong == 0, "{text}");
}

#[test]
fn every_film_is_read_back_from_every_style() {
    let styles = styles(FILM_STYLES);
    let mut wrong: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut n_names = 0;
    for film in rows(FILMS) {
        let (title, year) = film.split_once('|').expect("title|year");
        for style in &styles {
            let path = write(style.pattern, ['t', 'd', 'u', 'l'], title).replace("{y}", year);
            let expected = expectations(style, ("title", title.to_owned()), year);
            let found = differences(&parse(&path, Hint::Any), &expected);
            n_names += 1;
            if !found.is_empty() {
                wrong.entry(style.pattern).or_default().push(format!("{path} ->{found}"));
            }
        }
    }
    report(&wrong, n_names);
}

#[test]
fn every_episode_is_read_back_from_every_style() {
    let styles = styles(EPISODE_STYLES);
    let mut wrong: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut n_names = 0;
    let episodes: Vec<&str> = rows(EPISODES).collect();
    for (i, series) in rows(SERIES).enumerate() {
        let (title, year) = series.split_once('|').expect("title|year");
        for (j, style) in styles.iter().enumerate() {
            // Not every episode with every series: each meets each style in turn.
            let turn = (0..).map(|more| episodes[(i * 7 + j + more) % episodes.len()]);
            let is_field = style.pattern.contains("- {T}") || style.pattern.contains("-_{U}");
            let mut turn = turn.filter(|it| is_field || !it.starts_with('~'));
            let episode = turn.next().unwrap_or_default().trim_start_matches('~');
            let path = write(style.pattern, ['t', 'd', 'u', 'l'], title);
            let path = write(&path, ['T', 'D', 'U', 'L'], episode).replace("{y}", year);
            let mut expected = expectations(style, ("series", title.to_owned()), year);
            if style.pattern.contains("{L}") {
                expected.push(("episode_title", episode.to_lowercase()));
            } else if ["{T}", "{D}", "{U}"].iter().any(|it| style.pattern.contains(it)) {
                expected.push(("episode_title", episode.to_owned()));
            }
            let found = differences(&parse(&path, Hint::Any), &expected);
            n_names += 1;
            if !found.is_empty() {
                wrong.entry(style.pattern).or_default().push(format!("{path} ->{found}"));
            }
        }
    }
    report(&wrong, n_names);
}

/// The words that styles carry around what is checked, with the fact each says.
const AROUND: &[(&str, &str)] = &[
    ("1080p", "resolution"),
    ("720p", "resolution"),
    ("BluRay", "source"),
    ("WEB", "source"),
    ("x264", "video_codec"),
    ("x265", "video_codec"),
    ("H264", "video_codec"),
];

/// `style` without the words that would say the same fact as `key` does.
fn without(style: &str, key: &str) -> String {
    let mut style = style.to_owned();
    for (word, _) in AROUND.iter().filter(|it| it.1 == key) {
        for sign in [".", " ", "_"] {
            style = style.replace(&format!("{sign}{word}"), "");
        }
        style = style.replace(&format!(" [{word}]"), "").replace(&format!("[{word}]"), "");
        style = style.replace(&format!("{word} "), "");
    }
    style
}

#[test]
fn every_fact_of_a_release_is_read_back_from_every_style() {
    let mut wrong: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut n_names = 0;
    for row in rows(RELEASE) {
        let (facts, spellings) = row.split_once(" | ").expect("facts | spellings");
        // "edition=Final Cut" is one fact: its value has a space, the next fact has a sign.
        let mut expected: Vec<(&str, String)> = Vec::new();
        for word in facts.split(' ') {
            match (word.split_once('='), expected.last_mut()) {
                (Some((key, value)), _) => expected.push((key, value.to_owned())),
                (None, Some(last)) => write!(last.1, " {word}").expect("a String takes all"),
                (None, None) => unreachable!("a row begins with a fact"),
            }
        }
        for spelling in spellings.split("  ") {
            for style in rows(RELEASE_STYLES) {
                let pattern =
                    expected.iter().fold(style.to_owned(), |it, (key, _)| without(&it, key));
                let sign = if pattern.contains("_{x}") {
                    "_"
                } else if pattern.contains(".{x}") {
                    "."
                } else {
                    " "
                };
                let path = pattern.replace(
                    "{x}",
                    &spelling
                        .replace('.', sign)
                        .replace("5 1", "5.1")
                        .replace("7 1", "7.1")
                        .replace("2 0", "2.0"),
                );
                let mut expected = expected.clone();
                let title = if style.contains("Show") { "series" } else { "title" };
                let name = if style.contains("Show") { "Some Show" } else { "Some Title" };
                expected.push((title, name.to_owned()));
                if style.to_lowercase().replace('.', " ").contains("name of it") {
                    let name = if style.contains("Name.Of") { "Name Of It" } else { "Name of It" };
                    expected.push(("episode_title", name.to_owned()));
                }
                if style.contains("-GRP") {
                    expected.push(("group", "GRP".to_owned()));
                }
                let found = differences(&parse(&path, Hint::Any), &expected);
                n_names += 1;
                if !found.is_empty() {
                    wrong.entry(style).or_default().push(format!("{path} ->{found}"));
                }
            }
        }
    }
    report(&wrong, n_names);
}

const LANGUAGES: &str = include_str!("data/composed/languages.txt");
/// `{b}` stands for the name of a video with its folder, `{f}` for that folder, `{x}` for a language.
const SIDECAR_STYLES: &str = include_str!("data/composed/sidecar_styles.txt");

/// Videos that tracks belong to: the folder, the name, what both say.
const VIDEOS: &[(&str, &str, &str, &str)] = &[
    ("Some Film (2010)/", "Some Film (2010)", "title", "Some Film"),
    (
        "Some.Film.2010.1080p.BluRay.x264-GRP/",
        "Some.Film.2010.1080p.BluRay.x264-GRP",
        "title",
        "Some Film",
    ),
    ("Movies/Some Film (2010) {tmdb-603}/", "Some Film (2010) {tmdb-603}", "title", "Some Film"),
    ("Some Show/Season 1/", "Some Show - S01E02 - Name of It", "series", "Some Show"),
    ("Some Show/Season 1/", "Some.Show.S01E02.1080p.WEB.H264-GRP", "series", "Some Show"),
];

#[test]
fn every_language_of_a_track_is_read_back_from_every_style() {
    let styles = styles(SIDECAR_STYLES);
    let mut wrong: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut n_names = 0;
    for row in rows(LANGUAGES) {
        let (tag, spellings) = row.split_once(" | ").expect("tag | spellings");
        for spelling in spellings.split("  ") {
            for style in &styles {
                for (folder, name, key, title) in VIDEOS {
                    let base = format!("{folder}{name}");
                    let path = style.pattern.replace("{b}", &base).replace("{f}", folder);
                    let path = path.replace("{x}", spelling);
                    let mut expected =
                        vec![("language", tag.to_owned()), (*key, (*title).to_owned())];
                    expected.extend(style.facts.iter().map(|it| (it.0, it.1.to_owned())));
                    for (flag, absent) in [("forced", "absent"), ("sdh", "absent")] {
                        if !expected.iter().any(|it| it.0 == flag) {
                            expected.push((flag, absent.to_owned()));
                        }
                    }
                    let found = differences(&parse(&path, Hint::Any), &expected);
                    n_names += 1;
                    if !found.is_empty() {
                        wrong.entry(style.pattern).or_default().push(format!("{path} ->{found}"));
                    }
                }
            }
        }
    }
    report(&wrong, n_names);
}
