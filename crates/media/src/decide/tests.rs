//! Decisions by table: `table.txt` and `known.txt` have one row for each client and file.

use std::collections::BTreeMap;

use super::*;
use crate::stream::Rational;

/// One line of the table that names something: `client chrome: ...` or `file film: ...`.
type Named = BTreeMap<String, String>;

fn file(line: &str) -> (Container, Vec<Stream>, Option<i64>, bool) {
    let (mut container, mut streams, mut bitrate) = (Container::Matroska, Vec::new(), None);
    let mut lacks_index = false;
    for word in line.split_whitespace() {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let kind = match name {
            "in" => {
                container = Container::from(value);
                continue;
            }
            "bps" => {
                bitrate = value.parse().ok();
                continue;
            }
            "unindexed" => {
                lacks_index = true;
                continue;
            }
            "v" => StreamKind::Video,
            "a" => StreamKind::Audio,
            other => panic!("no part of a file is called {other}"),
        };
        let mut parts = value.split('/');
        let codec = Codec::from(parts.next().unwrap_or_default());
        let mut stream = Stream::new(streams.len() as u32, kind, codec);
        for part in parts {
            let (field, value) = part.split_at(1);
            match field {
                "p" => stream.profile = Some(value.replace('_', " ")),
                "l" => stream.level = value.parse().ok(),
                "b" => stream.bit_depth = value.parse().ok(),
                "x" => stream.pixel_format = Some(value.to_owned()),
                "s" => {
                    let (width, height) = value.split_once('x').expect("a size");
                    (stream.width, stream.height) = (width.parse().ok(), height.parse().ok());
                }
                "f" => {
                    let (num, den) = value.split_once(':').unwrap_or((value, "1"));
                    let read = |it: &str| it.parse().expect("a number");
                    stream.frame_rate = Rational::new(read(num), read(den));
                }
                "o" => stream.rotation = value.parse().ok(),
                "a" => {
                    let (num, den) = value.split_once(':').expect("an aspect");
                    let read = |it: &str| it.parse().expect("a number");
                    stream.sample_aspect = Rational::new(read(num), read(den));
                }
                "n" => stream.variable_frame_rate = Some(true),
                "c" => stream.channels = value.parse().ok(),
                "g" => stream.language = Some(value.to_owned()),
                "d" => stream.flags.default = true,
                "i" => stream.interlaced = Some(true),
                "h" => stream.hdr = Some(range(value)),
                other => panic!("no part of a stream is called {other}"),
            }
        }
        streams.push(stream);
    }
    (container, streams, bitrate, lacks_index)
}

fn range(value: &str) -> Hdr {
    match value.split_once(':') {
        Some((profile, compatibility)) => Hdr::DolbyVision {
            profile: profile.parse().expect("a profile"),
            level: 6,
            compatibility: compatibility.parse().expect("a number"),
            has_enhancement_layer: profile == "7",
        },
        None if value == "hdr10" => Hdr::Hdr10,
        None if value == "hdr10_plus" => Hdr::Hdr10Plus,
        None => Hdr::Hlg,
    }
}

/// Decides every row of a table, and says how many there are.
pub(super) fn check(table: &str, known: impl Fn(&str) -> Option<ClientProfile>) -> usize {
    let (mut clients, mut files): (Named, Named) = Default::default();
    let mut wrong = Vec::new();
    let mut n_rows = 0;
    for line in table.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some((name, rest)) = line.strip_prefix("client ").and_then(|it| it.split_once(": "))
        {
            clients.insert(name.to_owned(), rest.to_owned());
            continue;
        }
        if let Some((name, rest)) = line.strip_prefix("file ").and_then(|it| it.split_once(": ")) {
            files.insert(name.to_owned(), rest.to_owned());
            continue;
        }
        let mut words = line.split_whitespace();
        let mut word = || words.next().unwrap_or_default();
        let (client, name, method, audio, reasons) = (word(), word(), word(), word(), word());
        let (container, streams, bitrate_bps, lacks_index) = file(&files[name]);
        let source = Source { container: &container, streams: &streams, bitrate_bps, lacks_index };
        let own = clients.get(client).and_then(|it| clients::read(it));
        let profile = own.or_else(|| known(client)).unwrap_or_else(|| panic!("no {client}"));
        let decision = decide(source, &profile, &Wish::default());
        let codes: Vec<&str> = decision.reasons.iter().map(Reason::code).collect();
        let codes = if codes.is_empty() { "-".to_owned() } else { codes.join(",") };
        let heard = decision.audio.map_or("-".to_owned(), |it| it.to_string());
        if (decision.method.as_str(), heard.as_str(), codes.as_str()) != (method, audio, reasons) {
            wrong.push(format!(
                "{client} {name} {} {heard} {codes}, and the table says {method} {audio} {reasons}",
                decision.method.as_str()
            ));
        }
        n_rows += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    n_rows
}

#[test]
fn every_client_and_file_is_decided_as_the_table_says() {
    let n_rows = check(include_str!("table.txt"), |_| None);
    assert!(n_rows >= 300, "{n_rows} rows");
}

#[test]
fn every_known_client_is_decided_as_the_table_says() {
    let n_rows = check(include_str!("known.txt"), |name| known_client(name).cloned());
    assert!(n_rows >= 300, "{n_rows} rows");
}

#[test]
fn every_reason_is_a_sentence_for_a_person() {
    let reasons = [
        Reason::Container(Container::Matroska),
        Reason::VideoCodec(Codec::Hevc),
        Reason::AudioCodec(Codec::Eac3),
        Reason::Bitrate { bps: 25_000_000, limit: 8_000_000 },
    ];
    let sentences: Vec<String> = reasons.iter().map(ToString::to_string).collect();
    assert_eq!(
        sentences,
        [
            "this player does not play Matroska files",
            "this player does not decode HEVC pictures",
            "this player does not decode Dolby Digital Plus sound",
            "the file has 25.0 Mbit/s, and 8.0 are allowed",
        ]
    );
}
