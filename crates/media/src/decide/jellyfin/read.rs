//! The profile as it is written.

use serde_json::Value;

use super::Refused;

/// Entries of a list.
const MAX_ENTRIES: usize = 128;
/// Conditions of an entry.
const MAX_CONDITIONS: usize = 16;
/// Names in one text.
const MAX_NAMES: usize = 96;
/// Bytes of one text.
const MAX_TEXT: usize = 2048;
/// Nothing that is measured goes beyond; in a double every whole number until then is exact.
const MAX_NUMBER: f64 = 1e12;

/// What of a profile is used.
pub(super) struct DeviceProfile {
    pub max_streaming_bps: Option<i64>,
    pub max_static_bps: Option<i64>,
    pub direct: Vec<Direct>,
    pub made: Vec<Made>,
    pub codecs: Vec<CodecLimits>,
    /// Kinds of files not all of which are taken.
    pub conditional: Vec<Names>,
    /// Formats in small letters, and how they are shown.
    pub subtitles: Vec<(String, Shown)>,
}

/// What is played.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Video,
    Audio,
    /// Pictures, lyrics and whatever comes.
    Other,
}

/// What is played as it is.
pub(super) struct Direct {
    pub kind: Kind,
    pub containers: Names,
    pub video: Names,
    pub audio: Names,
}

/// What is played when it is made for the client.
pub(super) struct Made {
    pub kind: Kind,
    pub is_hls: bool,
    pub video: Names,
    pub audio: Names,
    pub max_channels: Option<u16>,
}

/// What a codec is used for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CodecUse {
    Video,
    /// The sound of films.
    VideoAudio,
    Other,
}

/// How far decoders go.
pub(super) struct CodecLimits {
    pub used: CodecUse,
    pub codecs: Names,
    pub conditions: Vec<Condition>,
    /// It counts only where all of these are met.
    pub cases: Vec<Condition>,
}

/// How a subtitle is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Embed,
    External,
    Hls,
    /// Not by the client.
    Not,
}

/// What is measured in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    Width,
    Height,
    Level,
    BitDepth,
    FrameRate,
    Channels,
    SampleRate,
}

/// Something that must be so.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    AtMost(Measure, f64),
    AtLeast(Measure, f64),
    /// In small letters.
    Profiles {
        among: Vec<String>,
        is_except: bool,
    },
    /// In small letters.
    Ranges {
        among: Vec<String>,
        is_except: bool,
    },
    IsInterlaced(bool),
    IsSecondary(bool),
    /// Of something that we do not weigh.
    Unheeded,
}

/// Names divided by commas, in small letters: none are all, and a minus before them all but these.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: Vec<String>,
    is_except: bool,
}

impl Names {
    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub fn is_all(&self) -> bool {
        self.names.is_empty()
    }

    pub fn is_except(&self) -> bool {
        self.is_except
    }
}

impl DeviceProfile {
    pub fn read(value: &Value) -> Result<Self, Refused> {
        let all = At { place: String::new(), value };
        all.must_be_object()?;
        let conditional = all.each("ContainerProfiles", |it| {
            let is_met_by_all = it.list("Conditions", MAX_CONDITIONS)?.is_empty();
            let is_of_films = it.kind()? == Kind::Video && !is_met_by_all;
            Ok(is_of_films.then_some(it.names("Container")?))
        })?;
        Ok(Self {
            max_streaming_bps: all.bitrate("MaxStreamingBitrate")?,
            max_static_bps: all.bitrate("MaxStaticBitrate")?,
            direct: all.each("DirectPlayProfiles", |it| {
                Ok(Direct {
                    kind: it.kind()?,
                    containers: it.names("Container")?,
                    video: it.names("VideoCodec")?,
                    audio: it.names("AudioCodec")?,
                })
            })?,
            made: all.each("TranscodingProfiles", |it| {
                let protocol = it.text("Protocol")?.unwrap_or_default();
                Ok(Made {
                    kind: it.kind()?,
                    is_hls: protocol.eq_ignore_ascii_case("hls"),
                    video: it.names("VideoCodec")?,
                    audio: it.names("AudioCodec")?,
                    max_channels: it.number("MaxAudioChannels")?.map(|it| it as u16),
                })
            })?,
            codecs: all.each("CodecProfiles", |it| {
                Ok(CodecLimits {
                    used: match it.word("Type")?.as_str() {
                        "video" => CodecUse::Video,
                        "videoaudio" => CodecUse::VideoAudio,
                        _ => CodecUse::Other,
                    },
                    codecs: it.names("Codec")?,
                    conditions: it.conditions("Conditions")?,
                    cases: it.conditions("ApplyConditions")?,
                })
            })?,
            conditional: conditional.into_iter().flatten().collect(),
            subtitles: all.each("SubtitleProfiles", |it| {
                let way = match it.word("Method")?.as_str() {
                    "embed" => Shown::Embed,
                    "external" => Shown::External,
                    "hls" => Shown::Hls,
                    _ => Shown::Not,
                };
                Ok((it.text("Format")?.unwrap_or_default().to_lowercase(), way))
            })?,
        })
    }
}

/// A value and where it stands.
struct At<'a> {
    place: String,
    value: &'a Value,
}

impl<'a> At<'a> {
    fn refuse<T>(&self, why: &'static str) -> Result<T, Refused> {
        Err(Refused::new(self.place.as_str(), why))
    }

    fn must_be_object(&self) -> Result<(), Refused> {
        if self.value.is_object() { Ok(()) } else { self.refuse("this must be an object") }
    }

    /// A part by its name in any case; `null` is nothing.
    fn part(&self, name: &str) -> Option<At<'a>> {
        let object = self.value.as_object()?;
        let value = object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?.1;
        let dot = if self.place.is_empty() { "" } else { "." };
        let place = format!("{}{dot}{name}", self.place);
        (!value.is_null()).then_some(At { place, value })
    }

    fn list(&self, name: &str, most: usize) -> Result<Vec<At<'a>>, Refused> {
        let Some(part) = self.part(name) else { return Ok(Vec::new()) };
        let Some(list) = part.value.as_array() else { return part.refuse("this must be a list") };
        if list.len() > most {
            return part.refuse("this list is too long");
        }
        let entry = |(at, value)| At { place: format!("{}[{at}]", part.place), value };
        let entries: Vec<At<'a>> = list.iter().enumerate().map(entry).collect();
        entries.iter().try_for_each(At::must_be_object)?;
        Ok(entries)
    }

    fn each<T>(
        &self,
        name: &str,
        read: impl Fn(&At<'a>) -> Result<T, Refused>,
    ) -> Result<Vec<T>, Refused> {
        self.list(name, MAX_ENTRIES)?.iter().map(read).collect()
    }

    fn text(&self, name: &str) -> Result<Option<String>, Refused> {
        let Some(part) = self.part(name) else { return Ok(None) };
        match part.value {
            Value::String(it) if it.len() > MAX_TEXT => part.refuse("this text is too long"),
            Value::String(it) => Ok(Some(it.trim().to_owned())),
            Value::Number(it) => Ok(Some(it.to_string())),
            Value::Bool(it) => Ok(Some(it.to_string())),
            _ => part.refuse("this must be a text"),
        }
    }

    /// A text that must be there, in small letters.
    fn word(&self, name: &str) -> Result<String, Refused> {
        match self.text(name)? {
            Some(it) if !it.is_empty() => Ok(it.to_lowercase()),
            _ => Err(Refused::new(format!("{}.{name}", self.place), "this must be there")),
        }
    }

    fn number(&self, name: &str) -> Result<Option<f64>, Refused> {
        let Some(text) = self.text(name)?.filter(|it| !it.is_empty()) else { return Ok(None) };
        match number(&text) {
            Some(it) => Ok(Some(it)),
            None => Err(Refused::new(self.place_of(name), "this must be a number from 0")),
        }
    }

    fn place_of(&self, name: &str) -> String {
        self.part(name).map_or_else(|| self.place.clone(), |it| it.place)
    }

    /// Bits per second; 0 is no limit.
    fn bitrate(&self, name: &str) -> Result<Option<i64>, Refused> {
        Ok(self.number(name)?.map(|it| it as i64).filter(|it| *it > 0))
    }

    fn kind(&self) -> Result<Kind, Refused> {
        Ok(match self.word("Type")?.as_str() {
            "video" => Kind::Video,
            "audio" => Kind::Audio,
            _ => Kind::Other,
        })
    }

    fn names(&self, name: &str) -> Result<Names, Refused> {
        let text = self.text(name)?.unwrap_or_default().to_lowercase();
        let (text, is_except) = match text.strip_prefix('-') {
            Some(rest) => (rest, true),
            None => (text.as_str(), false),
        };
        let names = text.split(',').map(str::trim).filter(|it| !it.is_empty());
        let names: Vec<String> = names.map(str::to_owned).collect();
        if names.len() > MAX_NAMES {
            return Err(Refused::new(self.place_of(name), "this has too many names"));
        }
        Ok(Names { names, is_except })
    }

    fn conditions(&self, name: &str) -> Result<Vec<Condition>, Refused> {
        self.list(name, MAX_CONDITIONS)?.iter().map(At::condition).collect()
    }

    fn condition(&self) -> Result<Condition, Refused> {
        let wrong = |name: &str, why| Err(Refused::new(self.place_of(name), why));
        let how = self.word("Condition")?;
        let is_except = how == "notequals";
        let is_equal = matches!(how.as_str(), "equals" | "notequals" | "equalsany");
        if !is_equal && how != "lessthanequal" && how != "greaterthanequal" {
            return wrong("Condition", "nobody compares so");
        }
        let value = || self.word("Value");
        let among = || -> Result<Vec<String>, Refused> {
            Ok(value()?.split('|').map(|it| it.trim().to_owned()).collect())
        };
        let measure = match self.word("Property")?.as_str() {
            "width" => Measure::Width,
            "height" => Measure::Height,
            "videolevel" => Measure::Level,
            "videobitdepth" => Measure::BitDepth,
            "videoframerate" => Measure::FrameRate,
            "audiochannels" => Measure::Channels,
            "audiosamplerate" => Measure::SampleRate,
            "videoprofile" | "videorangetype" | "isinterlaced" | "issecondaryaudio"
                if !is_equal =>
            {
                return wrong("Condition", "this property is not measured in numbers");
            }
            "videoprofile" => return Ok(Condition::Profiles { among: among()?, is_except }),
            "videorangetype" => return Ok(Condition::Ranges { among: among()?, is_except }),
            property @ ("isinterlaced" | "issecondaryaudio") => {
                let is = match value()?.as_str() {
                    "true" => !is_except,
                    "false" => is_except,
                    _ => return wrong("Value", "this must be true or false"),
                };
                return Ok(match property {
                    "isinterlaced" => Condition::IsInterlaced(is),
                    _ => Condition::IsSecondary(is),
                });
            }
            _ => return Ok(Condition::Unheeded),
        };
        // Of several numbers that it must be, the largest is the limit.
        let numbers = among()?.iter().map(|it| number(it)).collect::<Option<Vec<f64>>>();
        let Some(number) = numbers.and_then(|it| it.into_iter().reduce(f64::max)) else {
            return wrong("Value", "this must be a number from 0");
        };
        Ok(match how.as_str() {
            "notequals" => Condition::Unheeded,
            "greaterthanequal" => Condition::AtLeast(measure, number),
            _ => Condition::AtMost(measure, number),
        })
    }
}

fn number(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    (0.0..=MAX_NUMBER).contains(&number).then_some(number)
}
