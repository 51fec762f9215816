//! On every sample, our reader and FFprobe say the same.

use std::fmt::Debug;
use std::fs::File;
use std::path::Path;
use std::process::Command;

use media::{Codec, Hdr, Mastering, Probe, Stream, StreamKind, ffprobe, probe};

use crate::samples;

/// Where FFprobe knows more because it decodes frames, or less because it is old. Each with its reason; the list may
/// only shrink.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    ("live.webm", "duration", "FFprobe leaves the duration of a recording without one open"),
    ("merged.mkv", "stream 1 language", "FFprobe does not know the newer language element"),
    ("vp9.webm", "stream 0 codec_string", "FFprobe does not give the parameters of VP9"),
    ("vp9-10bit.webm", "codec_string", "FFprobe does not give the parameters of VP9"),
    ("merged.webm", "stream 0 codec_string", "FFprobe does not give the parameters of VP9"),
    ("vp9.mp4", "codec_string", "FFprobe does not give the parameters of VP9"),
    ("vp9.mp4", "level", "FFprobe does not read it from the sample entry"),
    (
        "merged.webm",
        "stream 0 color",
        "only the frames have the range when the configuration is there",
    ),
    ("latm.ts", "stream 1 codec_string", "FFprobe does not give the parameters of LATM"),
];

/// Durations may differ by a frame of sound or picture: one counts the last frame, the other its start.
const TOLERANCE_MS: i64 = 60;

struct Comparison<'a> {
    name: &'a str,
    found: Vec<String>,
}

impl Comparison<'_> {
    fn same<T: PartialEq + Debug>(&mut self, field: &str, ours: &T, theirs: &T) {
        let is_known = DIFFERENCES.iter().any(|it| it.0 == self.name && field.ends_with(it.1));
        if (ours == theirs) == is_known {
            let verdict =
                if is_known { "agrees, though listed as a difference" } else { "differs" };
            self.found.push(format!(
                "{}: {field} {verdict}: ours {ours:?}, theirs {theirs:?}",
                self.name
            ));
        }
    }

    fn probe(&mut self, ours: &Probe, theirs: &Probe) {
        self.same("container", &ours.container, &theirs.container);
        let (a, b) = (ours.duration_ms.unwrap_or(-1), theirs.duration_ms.unwrap_or(-1));
        self.same("duration", &if (a - b).abs() <= TOLERANCE_MS { b } else { a }, &b);
        self.same("streams", &ours.streams.len(), &theirs.streams.len());
        for (ours, theirs) in ours.streams.iter().zip(&theirs.streams) {
            self.stream(ours, theirs);
        }
        let mut chapters = ours.chapters.clone();
        for (ours, theirs) in chapters.iter_mut().zip(&theirs.chapters) {
            // The last one ends with the file.
            let (a, b) = (ours.end_ms.unwrap_or(-1), theirs.end_ms.unwrap_or(-1));
            ours.end_ms = if (a - b).abs() <= TOLERANCE_MS { theirs.end_ms } else { ours.end_ms };
        }
        self.same("chapters", &chapters, &theirs.chapters);
        let named = |it: &Probe| {
            it.attachments
                .iter()
                .map(|it| (it.file_name.clone(), it.mime.clone()))
                .collect::<Vec<_>>()
        };
        self.same("attachments", &named(ours), &named(theirs));
        let cover = |it: &Probe| it.cover.as_ref().map(|it| it.mime.clone());
        self.same("cover", &cover(ours), &cover(theirs));
        for tag in [
            "title",
            "artist",
            "album",
            "album_artist",
            "date",
            "comment",
            "genre",
            "track",
            "disc",
        ] {
            self.same(&format!("tag {tag}"), &ours.tags.get(tag), &theirs.tags.get(tag));
        }
    }

    fn stream(&mut self, ours: &Stream, theirs: &Stream) {
        let at = |field: &str| format!("stream {} {field}", theirs.index);
        macro_rules! same {
            ($($field:ident),*) => { $(self.same(&at(stringify!($field)), &ours.$field, &theirs.$field);)* };
        }
        same!(index, kind, codec, language, title, flags);
        if theirs.kind == StreamKind::Data {
            return;
        }
        same!(
            codec_string,
            profile,
            level,
            width,
            height,
            sample_aspect,
            display_aspect,
            bit_depth,
            pixel_format
        );
        same!(
            interlaced,
            top_field_first,
            rotation,
            color,
            hdr,
            channels,
            channel_layout,
            sample_rate
        );
        if theirs.kind == StreamKind::Video {
            let rate = |it: &Stream| it.frame_rate.map(|it| (it.as_f64() * 100.0).round());
            self.same(&at("frame_rate"), &rate(ours), &rate(theirs));
            if ours.variable_frame_rate.is_some() {
                let is_variable = |it: &Stream| it.variable_frame_rate == Some(true);
                self.same(&at("variable_frame_rate"), &is_variable(ours), &is_variable(theirs));
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a test runs trusted programs on its own files")]
pub fn ask_ffprobe(path: &Path) -> Probe {
    let output = Command::new("ffprobe").args(ffprobe::args(path)).output().unwrap();
    assert!(
        output.status.success(),
        "{}: {}",
        path.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    ffprobe::parse(&output.stdout).unwrap()
}

#[test]
fn our_readers_agree_with_ffprobe_on_every_sample() {
    let folder = samples::folder();
    let mut differences = Vec::new();
    for name in samples::names().filter(|it| !samples::is_foreign(it)) {
        let path = folder.join(name);
        let mut comparison = Comparison { name, found: Vec::new() };
        match probe(&File::open(&path).unwrap(), name) {
            Ok(ours) => {
                comparison.same("warnings", &ours.warnings, &Vec::new());
                comparison.probe(&ours, &ask_ffprobe(&path));
            }
            Err(error) => comparison.found.push(format!("{name}: {error}")),
        }
        differences.extend(comparison.found);
    }
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

#[test]
fn a_probe_survives_being_stored() {
    let folder = samples::folder();
    for name in ["film.mkv", "hdr10.mkv", "song.flac", "broadcast.ts", "film.avi"] {
        let ours = probe(&File::open(folder.join(name)).unwrap(), name).unwrap();
        let json = serde_json::to_string(&ours).unwrap();
        assert_eq!(serde_json::from_str::<Probe>(&json).unwrap(), ours, "{json}");
        assert!(json.contains(r#""kind":"audio""#), "{json}");
    }
}

#[test]
fn a_page_can_ask_its_browser_with_exact_codec_strings() {
    let folder = samples::folder();
    let table = [
        ("faststart.mp4", r#"video/mp4; codecs="avc1.42c00c, mp4a.40.2""#),
        ("vp9.webm", r#"video/webm; codecs="vp09.00.11.08, Opus""#),
        ("av1.mp4", r#"video/mp4; codecs="av01.0.00M.10""#),
        ("song.flac", r#"audio/flac; codecs="fLaC""#),
        ("song.m4a", r#"audio/mp4; codecs="mp4a.40.2""#),
    ];
    for (name, expected) in table {
        let ours = probe(&File::open(folder.join(name)).unwrap(), name).unwrap();
        assert_eq!(ours.codecs_mime(), expected, "{name}");
    }
}

#[test]
fn a_key_frame_index_is_noticed() {
    let folder = samples::folder();
    for (name, expected) in [
        ("film.mkv", true),
        ("film.mp4", true),
        ("dash.mp4", true),
        ("fragmented.mp4", true),
        ("fragmented-only.mp4", false),
        ("film.avi", true),
        ("film.ts", false),
        ("no-cues.mkv", false),
        ("live.webm", false),
    ] {
        let ours = probe(&File::open(folder.join(name)).unwrap(), name).unwrap();
        assert_eq!(ours.has_keyframe_index, expected, "{name}");
    }
}

#[test]
fn covers_lie_where_the_probe_says() {
    let folder = samples::folder();
    let picture = std::fs::read(folder.join("cover.jpg")).unwrap();
    for name in ["film.mkv", "film.mp4", "song.m4a", "song.mp3", "song.flac"] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let cover = probe(&bytes.as_slice(), name).unwrap().cover.unwrap();
        let (offset, size) = (cover.offset.unwrap() as usize, cover.size_bytes.unwrap() as usize);
        assert!(bytes[offset..offset + size] == picture, "{name}");
    }
}

#[test]
fn the_flags_that_mkvmerge_sets_are_read() {
    let ours = probe(&File::open(samples::folder().join("merged.mkv")).unwrap(), "").unwrap();
    let audio: Vec<&Stream> = ours.of_kind(StreamKind::Audio).collect();
    assert_eq!(audio[0].language.as_deref(), Some("pt-BR"));
    assert!(audio[0].flags.original && !audio[0].flags.default);
    assert!(audio[1].flags.commentary && audio[1].flags.hearing_impaired);
    assert_eq!(audio[1].codec, Codec::Ac3);
    assert!(ours.streams[0].n_frames.is_some_and(|it| it == 48), "{:?}", ours.streams[0].n_frames);
}

#[test]
fn fonts_lie_where_their_streams_say() {
    let name = "film.mkv";
    let bytes = std::fs::read(samples::folder().join(name)).unwrap();
    let ours = probe(&bytes.as_slice(), name).unwrap();
    let stream = ours.of_kind(StreamKind::Attachment).next().unwrap();
    let font = stream.attachment.as_ref().unwrap();
    assert_eq!(
        (font.file_name.as_deref(), font.mime.as_deref()),
        (Some("font.ttf"), Some("font/ttf"))
    );
    let (offset, size) = (font.offset.unwrap() as usize, font.size_bytes.unwrap() as usize);
    assert_eq!(bytes[offset..offset + size], [0; 512]);
}

#[test]
fn what_a_film_was_graded_on_is_read_from_every_container() {
    for name in ["hdr10.mkv", "hdr10.ts"] {
        let ours = probe(&File::open(samples::folder().join(name)).unwrap(), name).unwrap();
        let video = ours.video().unwrap();
        assert_eq!(video.hdr, Some(Hdr::Hdr10), "{name}");
        let expected = Mastering {
            chromaticities: Some([
                [34_000, 16_000],
                [13_250, 34_500],
                [7_500, 3_000],
                [15_635, 16_450],
            ]),
            max_luminance: Some(10_000_000),
            min_luminance: Some(1),
            max_cll: Some(1000),
            max_fall: Some(400),
        };
        assert_eq!(video.mastering, Some(expected), "{name}");
    }
}

#[test]
fn bit_rates_of_dolby_sound_are_those_of_its_frames() {
    for (name, index, expected) in [("eac3.mka", 0, 384_000), ("film.m2ts", 1, 192_000)] {
        let ours = probe(&File::open(samples::folder().join(name)).unwrap(), name).unwrap();
        assert_eq!(ours.streams[index].bitrate, Some(expected), "{name}");
    }
}
