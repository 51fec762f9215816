//! MIME types for serving the original bytes.

use crate::Container;

/// The MIME type of a container; files of one kind are `audio/…` when they have no moving picture.
pub fn of_container(container: &Container, has_video: bool) -> &'static str {
    match (container, has_video) {
        (Container::Matroska, true) => "video/x-matroska",
        (Container::Matroska, false) => "audio/x-matroska",
        (Container::WebM, true) => "video/webm",
        (Container::WebM, false) => "audio/webm",
        (Container::Mp4, true) => "video/mp4",
        (Container::Mp4 | Container::M4a, _) => "audio/mp4",
        (Container::Mov, _) => "video/quicktime",
        (Container::MpegTs, _) => "video/mp2t",
        (Container::MpegPs, _) => "video/mpeg",
        (Container::Avi, _) => "video/x-msvideo",
        (Container::Asf, true) => "video/x-ms-wmv",
        (Container::Asf, false) => "audio/x-ms-wma",
        (Container::Flv, _) => "video/x-flv",
        (Container::Ogg, true) => "video/ogg",
        (Container::Ogg, false) => "audio/ogg",
        (Container::Flac, _) => "audio/flac",
        (Container::Mp3, _) => "audio/mpeg",
        (Container::Aac, _) => "audio/aac",
        (Container::Wav, _) => "audio/wav",
        (Container::Aiff, _) => "audio/aiff",
        (Container::Ape, _) => "audio/x-ape",
        (Container::WavPack, _) => "audio/x-wavpack",
        (Container::Musepack, _) => "audio/x-musepack",
        (Container::Other(_), _) => "application/octet-stream",
    }
}

/// The MIME type by the ending of a name, in any case and without the dot, for files that were never probed.
pub fn of_extension(extension: &str) -> Option<&'static str> {
    Some(match extension.to_ascii_lowercase().as_str() {
        "mkv" | "mk3d" => "video/x-matroska",
        "mka" => "audio/x-matroska",
        "webm" => "video/webm",
        "mp4" | "m4v" => "video/mp4",
        "m4a" | "m4b" => "audio/mp4",
        "mov" | "qt" => "video/quicktime",
        "3gp" => "video/3gpp",
        "ts" | "m2ts" | "mts" => "video/mp2t",
        "mpg" | "mpeg" | "vob" => "video/mpeg",
        "avi" => "video/x-msvideo",
        "wmv" | "asf" => "video/x-ms-wmv",
        "wma" => "audio/x-ms-wma",
        "flv" => "video/x-flv",
        "ogv" => "video/ogg",
        "ogg" | "oga" | "opus" | "spx" => "audio/ogg",
        "flac" => "audio/flac",
        "mp3" => "audio/mpeg",
        "aac" => "audio/aac",
        "wav" => "audio/wav",
        "aif" | "aiff" => "audio/aiff",
        "ape" => "audio/x-ape",
        "wv" => "audio/x-wavpack",
        "mpc" => "audio/x-musepack",
        "srt" => "application/x-subrip",
        "vtt" => "text/vtt",
        "ass" | "ssa" => "text/x-ssa",
        "smi" | "sami" => "application/x-sami",
        "ttml" | "dfxp" => "application/ttml+xml",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        "gif" => "image/gif",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_named_for_what_it_carries() {
        assert_eq!(of_container(&Container::Mp4, true), "video/mp4");
        assert_eq!(of_container(&Container::Mp4, false), "audio/mp4");
        assert_eq!(of_container(&Container::WebM, true), "video/webm");
        assert_eq!(
            of_container(&Container::Other("nut".to_owned()), true),
            "application/octet-stream"
        );
    }

    #[test]
    fn endings_are_known_in_any_case_and_unknown_ones_are_none() {
        assert_eq!(of_extension("MKV"), Some("video/x-matroska"));
        assert_eq!(of_extension("exe"), None);
    }
}
