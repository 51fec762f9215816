//! What a path says: the facts, and where in the path each was read.

use std::ops::Range;

use serde::Serialize;

/// What the library that a path belongs to holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hint {
    /// Films. A weak episode number ("Part 3", a bare number) is not one.
    Movies,
    /// Series. A bare number is an episode.
    Shows,
    /// Not known: the name itself and the folders have to tell.
    #[default]
    Any,
}

/// What kind of thing the file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A film, or one part or version of it.
    Movie,
    /// An episode, several in one file, or a pack of seasons.
    Episode,
    /// A trailer, featurette, sample, theme song: belongs to a film or series.
    Extra,
    /// An external subtitle of a film or episode.
    Subtitle,
    /// An external audio track of a film or episode.
    Audio,
    /// A piece of music.
    Track,
    /// A book to read.
    Book,
    /// A comic book.
    Comic,
    /// A book to listen to.
    Audiobook,
    /// A photograph.
    Photo,
    /// Anything else: artwork, NFO files, things no library shows.
    #[default]
    Other,
}

/// Ids of outside catalogs, as text exactly as their sites write them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(default)]
pub struct Ids {
    /// IMDb, with its `tt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imdb: Option<String>,
    /// The Movie Database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tmdb: Option<String>,
    /// TheTVDB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tvdb: Option<String>,
    /// TVmaze.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tvmaze: Option<String>,
    /// AniDB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anidb: Option<String>,
    /// AniList.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anilist: Option<String>,
    /// MyAnimeList.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mal: Option<String>,
}

impl Ids {
    /// Whether no id is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The name of a fact in [`Parsed`], for [`Parsed::spans`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the field of the same name in Parsed")]
pub enum Fact {
    Title,
    Alternative,
    Year,
    Series,
    Season,
    Episode,
    EpisodeTitle,
    Date,
    Absolute,
    Edition,
    Version,
    Part,
    ExtraType,
    Label,
    Language,
    Forced,
    Sdh,
    Default,
    Resolution,
    Source,
    Service,
    VideoCodec,
    AudioCodec,
    AudioChannels,
    Hdr,
    ThreeD,
    Group,
    Proper,
    Container,
    Id,
    Artwork,
    Disc,
}

/// Which bytes of the path a fact was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The fact.
    pub fact: Fact,
    /// Byte range in the path given to `parse`; on character boundaries.
    pub bytes: Range<usize>,
}

/// What one path says. A field is absent when the path does not say it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Parsed {
    /// What the file is.
    pub kind: Kind,
    /// The film's or episode's own title. For an extra, subtitle, audio track or artwork: the film it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Another title of the film given beside the first: original or translated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternative: Option<String>,
    /// Year of the film, or the year that tells series of one name apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
    /// Title of the series.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// Season; 0 holds the specials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub season: Option<u16>,
    /// Last season of a pack of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub season_end: Option<u16>,
    /// Episode within its season.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub episode: Option<u16>,
    /// Last episode when the file holds several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub episode_end: Option<u16>,
    /// The episode's title: equal to `title` when `kind` is episode, kept apart for what belongs to an episode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub episode_title: Option<String>,
    /// Day of broadcast, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Episode counted through all seasons, as anime does. `season` and `episode` are then unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absolute: Option<u16>,
    /// Last absolute number when the file holds several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absolute_end: Option<u16>,
    /// Cut or edition, several joined by a space: `Director's Cut`, `Extended`, `IMAX`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edition: Option<String>,
    /// What tells this file from others of the same film or episode: `2160p`, `v2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Number of this part when one film is split into several files, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<u16>,
    /// `trailer`, `featurette`, `behind_the_scenes`, `deleted_scene`, `interview`, `scene`, `short`, `clip`,
    /// `sample`, `theme_song`, `theme_video` or `other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra_type: Option<&'static str>,
    /// Own name of an extra ("Making of"), a subtitle or an audio track ("Commentary").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// BCP 47 tag of the first language named; `mul` when the name says there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<&'static str>,
    /// Subtitle of foreign parts only.
    #[serde(skip_serializing_if = "is_false")]
    pub forced: bool,
    /// Subtitle for the deaf and hard of hearing.
    #[serde(skip_serializing_if = "is_false")]
    pub sdh: bool,
    /// Track that shall be chosen by itself.
    #[serde(skip_serializing_if = "is_false")]
    pub default: bool,
    /// `480p`, `576p`, `720p`, `1080p`, `1080i`, `2160p` ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<&'static str>,
    /// `BluRay`, `BDRip`, `WEB-DL`, `WEBRip`, `HDTV`, `DVDRip` ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
    /// The streams of the disc, untouched.
    #[serde(skip_serializing_if = "is_false")]
    pub remux: bool,
    /// Streaming service the release came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<&'static str>,
    /// `h264`, `hevc`, `av1`, `vp9`, `xvid`, `divx`, `mpeg2`, `mpeg4`, `vc1` ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video_codec: Option<&'static str>,
    /// Bits per colour component.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bit_depth: Option<u8>,
    /// `aac`, `ac3`, `eac3`, `dts`, `dts-hd`, `dts-hd-ma`, `dts-x`, `truehd`, `flac`, `opus`, `mp3`, `pcm` ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_codec: Option<&'static str>,
    /// `2.0`, `5.1`, `7.1` ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_channels: Option<&'static str>,
    /// The audio carries Dolby Atmos objects.
    #[serde(skip_serializing_if = "is_false")]
    pub atmos: bool,
    /// `HDR`, `HDR10`, `HDR10+`, `HLG`, `DV`, or Dolby Vision with its base: `DV HDR10`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hdr: Option<&'static str>,
    /// `3D` (kind unknown), `HSBS`, `SBS`, `HOU`, `OU` or `MVC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub three_d: Option<&'static str>,
    /// Release group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// A release that mends an earlier one (PROPER, REPACK, RERIP).
    #[serde(skip_serializing_if = "is_false")]
    pub proper: bool,
    /// File name extension in lower case, when it is one we know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<&'static str>,
    /// Ids of outside catalogs.
    #[serde(skip_serializing_if = "Ids::is_empty")]
    pub ids: Ids,
    /// Role of local artwork: `poster`, `backdrop`, `banner`, `logo`, `clearart`, `thumb`, `disc`, `set_poster` ..., or
    /// `portrait` of the person that `label` names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artwork: Option<&'static str>,
    /// The file describes another (an NFO file).
    #[serde(skip_serializing_if = "is_false")]
    pub sidecar: bool,
    /// The file is part of a disc structure (`dvd` or `bluray`), which is one item as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disc: Option<&'static str>,
    #[serde(skip)]
    pub(crate) spans: Vec<Span>,
}

impl Parsed {
    /// Where each fact was read. A fact that follows from a rule alone has no span.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Whether any fact about the recording itself (picture, sound, source) is known.
    pub(crate) fn has_release_facts(&self) -> bool {
        self.resolution.is_some()
            || self.source.is_some()
            || self.video_codec.is_some()
            || self.audio_codec.is_some()
            || self.hdr.is_some()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_false(value: &bool) -> bool {
    !*value
}
