//! The kinds of file that hold streams.

use serde::{Deserialize, Serialize};

/// Declares an enum of well-known names with an `Other(String)` for the rest; it serialises to the name.
macro_rules! named {
    ($(#[$meta:meta])* $vis:vis enum $type:ident { $($(#[$doc:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        $vis enum $type {
            $($(#[$doc])* $variant,)+
            /// A name we have no rules for.
            Other(String),
        }

        impl $type {
            /// The stable name, as stored and sent.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)+
                    Self::Other(name) => name,
                }
            }
        }

        impl From<&str> for $type {
            fn from(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)+
                    _ => Self::Other(name.to_owned()),
                }
            }
        }

        impl From<String> for $type {
            fn from(name: String) -> Self {
                Self::from(name.as_str())
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.as_str().to_owned()
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use named;

named! {
    /// What kind of file it is, by content and not by its name.
    pub enum Container {
        /// Matroska (`.mkv`, `.mka`, `.mks`).
        Matroska = "matroska",
        /// The subset of Matroska that browsers play.
        WebM = "webm",
        /// MPEG-4 part 14 and its relatives (`.mp4`, `.m4v`, `.3gp`), fragmented or not.
        Mp4 = "mp4",
        /// MPEG-4 with audio only (`.m4a`, `.m4b`), by its brand.
        M4a = "m4a",
        /// Apple QuickTime.
        Mov = "mov",
        /// MPEG-2 transport stream, with or without the Blu-ray prefix (`.ts`, `.m2ts`).
        MpegTs = "mpegts",
        /// MPEG program stream (`.mpg`, `.vob`).
        MpegPs = "mpeg",
        /// Microsoft AVI.
        Avi = "avi",
        /// Microsoft ASF (`.wmv`, `.wma`).
        Asf = "asf",
        /// Adobe Flash video.
        Flv = "flv",
        /// Ogg, whatever codec is inside.
        Ogg = "ogg",
        /// Free Lossless Audio Codec.
        Flac = "flac",
        /// MPEG audio frames, usually layer 3.
        Mp3 = "mp3",
        /// AAC in ADTS frames.
        Aac = "aac",
        /// RIFF WAVE.
        Wav = "wav",
        /// Apple AIFF.
        Aiff = "aiff",
        /// Monkey's Audio.
        Ape = "ape",
        /// WavPack.
        WavPack = "wv",
        /// Musepack.
        Musepack = "mpc",
    }
}
