//! What a file says about itself, and the one function that finds it out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::container::Container;
use crate::read::{ReadAt, Source};
use crate::sniff::{Family, sniff};
use crate::stream::{Codec, Stream, StreamKind};
use crate::{ProbeError, asf, audio, flv, matroska, mp4, ps, riff, ts};

/// A file may name at most this many streams; more is an attack, not a film.
pub(crate) const MAX_STREAMS: usize = 1024;
/// At most this many chapters, attachments or tags are kept.
pub(crate) const MAX_ENTRIES: usize = 4096;
/// At most this many bytes of one text are kept; lyrics fit, a disk image does not.
pub(crate) const MAX_TEXT_BYTES: usize = 64 * 1024;
/// Warnings beyond this number say nothing new.
const MAX_WARNINGS: usize = 32;

/// All that is known of a file from its headers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// What kind of file it is.
    pub container: Container,
    /// How long it plays, in milliseconds.
    pub duration_ms: Option<i64>,
    /// Average over the whole file, in bits per second.
    pub bitrate_bps: Option<i64>,
    /// The streams, in the order of the file.
    pub streams: Vec<Stream>,
    /// The chapters, in the order of time.
    pub chapters: Vec<Chapter>,
    /// Files carried along: fonts and pictures.
    pub attachments: Vec<Attachment>,
    /// What the file says about the work.
    pub tags: Tags,
    /// The picture that stands for the work.
    pub cover: Option<CoverRef>,
    /// Whether the file has an index of its key frames (Cues, sample table, `sidx`), so that seeking is cheap.
    pub has_keyframe_index: bool,
    /// What is wrong with the file though it could be read, for a person.
    pub warnings: Vec<String>,
}

/// A named point in the work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chapter {
    /// Milliseconds from the beginning.
    pub start_ms: i64,
    /// Milliseconds from the beginning, where it is known.
    pub end_ms: Option<i64>,
    /// The name of the chapter.
    pub title: Option<String>,
}

/// A file inside the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its name. Never a path to write to: it comes from the file.
    pub file_name: Option<String>,
    /// Its MIME type as stated.
    pub mime: Option<String>,
    /// Where its bytes begin, when they lie in one piece.
    pub offset: Option<u64>,
    /// How many bytes it has.
    pub size_bytes: Option<u64>,
}

impl Attachment {
    /// What a font or another file is, by FFmpeg's names for fonts.
    pub(crate) fn codec(&self) -> Codec {
        Codec::from(match self.mime.as_deref().unwrap_or_default() {
            "application/x-truetype-font" | "application/x-font-ttf" | "font/ttf" | "font/sfnt" => {
                "ttf"
            }
            "application/vnd.ms-opentype" | "font/otf" => "otf",
            other => other.rsplit_once('/').map_or("unknown", |it| it.1),
        })
    }
}

/// Where the cover is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverRef {
    /// MIME type: `image/jpeg`, `image/png`.
    pub mime: String,
    /// Where its bytes begin, when they lie in one piece; otherwise the tag must be decoded to get it.
    pub offset: Option<u64>,
    /// How many bytes it has.
    pub size_bytes: Option<u64>,
}

/// What a file says about the work: lower-case names as FFmpeg uses them (`title`, `album_artist`, `date`), one text
/// each. Several values of one name are joined by `;`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(pub BTreeMap<String, String>);

impl Tags {
    /// The value of any name, lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Title of the work.
    pub fn title(&self) -> Option<&str> {
        self.get("title")
    }

    /// Performer of a track.
    pub fn artist(&self) -> Option<&str> {
        self.get("artist")
    }

    /// Performer of the whole album.
    pub fn album_artist(&self) -> Option<&str> {
        self.get("album_artist")
    }

    /// Album a track is on.
    pub fn album(&self) -> Option<&str> {
        self.get("album")
    }

    /// Date as written, mostly `YYYY` or `YYYY-MM-DD`.
    pub fn date(&self) -> Option<&str> {
        self.get("date")
    }

    /// The year that the date begins with.
    pub fn year(&self) -> Option<u16> {
        self.date()?.get(..4)?.parse().ok()
    }

    /// Free remark.
    pub fn comment(&self) -> Option<&str> {
        self.get("comment")
    }

    /// Genres, joined by `;`.
    pub fn genre(&self) -> Option<&str> {
        self.get("genre")
    }

    /// Number of the track on its disc: the part of `track` before a slash.
    pub fn track(&self) -> Option<u32> {
        self.number("track")
    }

    /// Number of the disc: the part of `disc` before a slash.
    pub fn disc(&self) -> Option<u32> {
        self.number("disc")
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.get(name)?.split('/').next()?.trim().parse().ok()
    }

    /// Adds a value, within the bounds of a probe. Empty values say nothing and are left out.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        let value = value.trim_matches(['\0', ' ', '\n', '\r', '\t']);
        if value.is_empty() || name.is_empty() || self.0.len() >= MAX_ENTRIES {
            return;
        }
        let value = clip(value);
        match self.0.get_mut(name) {
            Some(old) if old.split(';').any(|it| it == value) => {}
            Some(old) if old.len() + value.len() < MAX_TEXT_BYTES => {
                old.push(';');
                old.push_str(value);
            }
            Some(_) => {}
            None => {
                self.0.insert(clip(name).to_owned(), value.to_owned());
            }
        }
    }
}

/// The longest head of `text` that is within bounds and ends between characters.
pub(crate) fn clip(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_TEXT_BYTES)]
}

impl Probe {
    pub(crate) fn new(container: Container) -> Self {
        Self {
            container,
            duration_ms: None,
            bitrate_bps: None,
            streams: Vec::new(),
            chapters: Vec::new(),
            attachments: Vec::new(),
            tags: Tags::default(),
            cover: None,
            has_keyframe_index: false,
            warnings: Vec::new(),
        }
    }

    pub(crate) fn warn(&mut self, warning: impl Into<String>) {
        let warning = warning.into();
        if self.warnings.len() < MAX_WARNINGS && !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// The first video stream.
    pub fn video(&self) -> Option<&Stream> {
        self.of_kind(StreamKind::Video).next()
    }

    /// The streams of one kind, in order.
    pub fn of_kind(&self, kind: StreamKind) -> impl Iterator<Item = &Stream> {
        self.streams.iter().filter(move |it| it.kind == kind)
    }

    /// What a web page hands to `canPlayType`: the MIME type with the codecs of the first video and the preferred audio
    /// stream. A stream whose parameters are unknown is named by its codec alone.
    pub fn codecs_mime(&self) -> String {
        let has_video = self.video().is_some();
        let audio = self
            .of_kind(StreamKind::Audio)
            .find(|it| it.flags.default)
            .or_else(|| self.of_kind(StreamKind::Audio).next());
        let codecs: Vec<&str> = self
            .video()
            .into_iter()
            .chain(audio)
            .map(|it| it.codec_string.as_deref().unwrap_or_else(|| plain_name(&it.codec)))
            .collect();
        let mime = crate::mime::of_container(&self.container, has_video);
        if codecs.is_empty() {
            mime.to_owned()
        } else {
            format!("{mime}; codecs=\"{}\"", codecs.join(", "))
        }
    }

    /// Derives what follows from the rest, once everything is read.
    pub(crate) fn complete(&mut self, size_bytes: u64) {
        self.duration_ms = self.duration_ms.filter(|it| *it > 0);
        if self.bitrate_bps.is_none() {
            self.bitrate_bps = self.duration_ms.and_then(|it| {
                i64::try_from(u128::from(size_bytes) * 8000 / u128::from(it.unsigned_abs())).ok()
            });
        }
        self.streams.iter_mut().for_each(Stream::complete);
        self.chapters.sort_by_key(|it| it.start_ms);
    }
}

/// The name of a codec in a `codecs` parameter when its parameters are unknown.
fn plain_name(codec: &Codec) -> &str {
    match codec {
        Codec::H264 => "avc1",
        Codec::Hevc => "hvc1",
        Codec::Av1 => "av01",
        Codec::Aac => "mp4a.40.2",
        Codec::Opus => "opus",
        other => other.as_str(),
    }
}

/// Reads the headers of a file, whatever it is called. `name_hint` is its name or path, used only where the content
/// leaves a choice and for messages.
///
/// Costs a few reads of some kilobytes for Matroska, MP4 and AVI, some more of a transport stream's two ends, and memory that the size of the file cannot drive up.
pub fn probe(src: &dyn ReadAt, name_hint: &str) -> Result<Probe, ProbeError> {
    let source = Source::new(src, "file")?;
    let size = source.size;
    if size == 0 {
        return Err(ProbeError::Empty);
    }
    let mut probe = match sniff(&source, name_hint)? {
        Family::Matroska => matroska::read(&source.named("Matroska"))?,
        Family::Mp4 => mp4::read(&source.named("MP4"))?,
        Family::Avi => riff::avi::read(&source.named("AVI"))?,
        Family::Wav => riff::wav::read(&source.named("WAVE"))?,
        Family::Ts(layout) => ts::read(&source.named("MPEG-TS"), layout)?,
        Family::Ps => ps::read(&source.named("MPEG-PS"))?,
        Family::Flash => flv::read(&source.named("FLV"))?,
        Family::Asf => asf::read(&source.named("ASF"))?,
        Family::Audio(file_type) => audio::read(src, &source, file_type)?,
        Family::Other(looks_like) => return Err(ProbeError::Unsupported(looks_like)),
        Family::NoMedia(looks_like) => return Err(ProbeError::NotMedia(looks_like)),
    };
    probe.complete(size);
    Ok(probe)
}
