//! Choices by table: `table.txt` has one row for each person and film.

use super::*;
use crate::decide::{Wish, choose_audio, rank_heard};
use crate::stream::{Codec, Stream, StreamKind};

/// One row, read.
#[derive(Default)]
struct Row {
    taste: Taste,
    streams: Vec<Stream>,
    original: Option<String>,
    makes_sound: bool,
    asked: Option<u32>,
    unmade: Vec<u32>,
    audio: Option<AudioChoice>,
    subtitle: Option<SubtitleChoice>,
}

impl Row {
    fn wish(&self) -> Wish {
        let (taste, original) = (self.taste.clone(), self.original.clone());
        Wish {
            audio: self.asked,
            taste,
            original,
            remembered: self.audio.clone(),
            makes_sound: self.makes_sound,
            unmade: self.unmade.clone(),
        }
    }
}

fn list(value: &str) -> Vec<String> {
    value.split(',').map(str::to_owned).collect()
}

/// `de/d/t:Kino` is a language, flags, and a title.
fn stream(kind: StreamKind, index: usize, text: &str) -> Stream {
    let mut parts = text.split('/');
    let mut stream = Stream::new(u32::try_from(index).expect("few"), kind, Codec::Aac);
    stream.language = parts.next().filter(|it| *it != "-").map(str::to_owned);
    for part in parts {
        match part {
            "d" => stream.flags.default = true,
            "c" => stream.flags.commentary = true,
            "o" => stream.flags.original = true,
            "v" => stream.flags.visual_impaired = true,
            "f" => stream.flags.forced = true,
            "h" => stream.flags.hearing_impaired = true,
            "n" => stream.codec = Codec::Dts,
            title => stream.title = Some(title.trim_start_matches("t:").to_owned()),
        }
    }
    stream
}

fn read(row: &str) -> Row {
    let mut read = Row::default();
    for word in row.split_whitespace() {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        match name {
            "hears" => read.taste.audio_languages = list(value),
            "reads" => read.taste.subtitle_languages = list(value),
            "original" => read.taste.prefers_original = true,
            "sdh" => read.taste.prefers_hearing_impaired = true,
            "subs" => {
                let mode = SubtitleMode::ALL.into_iter().find(|it| it.as_str() == value);
                read.taste.subtitles = mode.unwrap_or_else(|| panic!("no mode is called {value}"));
            }
            "made" => read.original = Some(value.to_owned()),
            "makes" => read.makes_sound = true,
            "asks" => read.asked = value.parse().ok(),
            "unmade" => {
                read.unmade = list(value).iter().filter_map(|it| it.parse().ok()).collect();
            }
            "a" => read.streams.push(stream(StreamKind::Audio, read.streams.len(), value)),
            "s" => read.streams.push(stream(StreamKind::Subtitle, read.streams.len(), value)),
            "chose_a" => {
                let like = stream(StreamKind::Audio, 0, value);
                let is_aside = like.flags.commentary || like.flags.visual_impaired;
                let (language, title) = (like.language, like.title);
                read.audio = Some(AudioChoice { language, title, is_aside });
            }
            "chose_s" if value == "off" => read.subtitle = Some(SubtitleChoice::Off),
            "chose_s" => {
                let like = stream(StreamKind::Subtitle, 0, value);
                read.subtitle = Some(SubtitleChoice::Text {
                    language: like.language,
                    is_forced: like.flags.forced,
                    is_hearing_impaired: like.flags.hearing_impaired,
                });
            }
            other => panic!("no part of a row is called {other}"),
        }
    }
    read
}

/// Sound and subtitle by their place in the row, each with its reason.
fn decide(row: &Row) -> String {
    let Row { streams, subtitle, .. } = &row;
    let wish = row.wish();
    let heard = choose_audio(streams, &wish, |it| it.codec == Codec::Aac);
    let language = heard.and_then(|it| it.0.language.as_deref());
    let subtitles: Vec<&Stream> =
        streams.iter().filter(|it| it.kind == StreamKind::Subtitle).collect();
    let texts: Vec<Text<'_>> = subtitles
        .iter()
        .map(|it| Text {
            language: it.language.as_deref(),
            is_forced: it.flags.forced,
            is_hearing_impaired: it.flags.hearing_impaired,
            is_commentary: it.flags.commentary,
            is_default: it.flags.default,
        })
        .collect();
    let (read, why) = choose_subtitle(&texts, language, &wish.taste, subtitle.as_ref());
    let number = |it: Option<u32>| it.map_or("-".to_owned(), |it| it.to_string());
    format!(
        "{} {} {} {}",
        number(heard.map(|it| it.0.index)),
        heard.map_or("-", |it| it.1.as_str()),
        number(read.map(|it| subtitles[it].index)),
        why.as_str()
    )
}

/// Compares every row of a table with what is found for it, and says how many there are.
fn check(table: &str, find: impl Fn(&str) -> String) -> usize {
    let mut wrong = Vec::new();
    let mut n_rows = 0;
    for line in table.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (row, expected) = line.split_once("->").expect("a row has two sides");
        let found = find(row);
        if found != expected.trim() {
            wrong.push(format!("{row}-> {found}, and the table says{expected}"));
        }
        n_rows += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    n_rows
}

#[test]
fn every_person_hears_and_reads_what_the_table_says() {
    let n_rows = check(include_str!("table.txt"), |row| decide(&read(row)));
    assert!(n_rows >= 60, "{n_rows} rows");
}

/// The place of the version that a person is given of several that play alike, which stand behind each other with bars
/// between them, behind what is said of the person.
fn version(row: &str) -> String {
    let (person, versions) = row.split_once('|').expect("a person and versions");
    let ranks = versions.split('|').map(|version| {
        let row = read(&format!("{person} {version}"));
        let wish = row.wish();
        let heard = choose_audio(&row.streams, &wish, |it| it.codec == Codec::Aac);
        rank_heard(&row.streams, &wish, heard.map(|(stream, why)| (stream.index, why)))
    });
    let dearest = ranks.enumerate().min_by_key(|it| it.1);
    dearest.map_or("-".to_owned(), |it| it.0.to_string())
}

#[test]
fn every_person_is_given_the_version_that_the_table_says() {
    let n_rows = check(include_str!("versions.txt"), version);
    assert!(n_rows >= 15, "{n_rows} rows");
}
