//! Clients that are known by name, for those that cannot say what they play.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{AudioSupport, ClientProfile, Protocol, SubtitleSupport, VideoSupport};
use crate::container::Container;
use crate::stream::Codec;

/// What each plays, by its makers' documents; the words are explained at its head.
const TEXT: &str = include_str!("clients.txt");

static KNOWN: LazyLock<BTreeMap<&str, ClientProfile>> = LazyLock::new(|| {
    let named = |line: &'static str| line.strip_prefix("client ")?.split_once(": ");
    let lines = TEXT.lines().filter_map(|line| named(line.trim()));
    lines.filter_map(|(name, words)| Some((name, read(words)?))).collect()
});

/// What the client of this name plays.
pub fn known_client(name: &str) -> Option<&'static ClientProfile> {
    KNOWN.get(name)
}

/// What the words of a line say; `None` where one of them says nothing.
pub(super) fn read(words: &str) -> Option<ClientProfile> {
    let mut profile = ClientProfile::default();
    for word in words.split_whitespace() {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        match name {
            "files" => profile.containers = value.split(',').map(Container::from).collect(),
            "hls" => profile.protocols.push(Protocol::Hls),
            "chooses" => profile.chooses_audio = true,
            "finds" => profile.seeks_without_index = true,
            "bps" => profile.max_bitrate_bps = Some(value.parse().ok()?),
            "audio" => {
                let (codec, channels) = match value.split_once('/') {
                    Some((codec, channels)) => (codec, Some(channels.parse().ok()?)),
                    None => (value, None),
                };
                profile.audio.push(AudioSupport {
                    codec: Codec::from(codec),
                    max_channels: channels,
                    max_sample_rate: None,
                });
            }
            "subtitles" => {
                let shows = |form: &str| value.split('+').any(|it| it == form);
                profile.subtitles = SubtitleSupport {
                    text: shows("webvtt"),
                    script: shows("ass"),
                    drawn: shows("drawn"),
                };
            }
            "video" => profile.video.push(read_video(value)?),
            _ => return None,
        }
    }
    Some(profile)
}

fn read_video(words: &str) -> Option<VideoSupport> {
    let mut parts = words.split('/');
    let mut support = VideoSupport::of(Codec::from(parts.next()?));
    for part in parts {
        let (kind, value) = part.split_at_checked(1)?;
        match kind {
            "p" => support.profiles = value.split('+').map(|it| it.replace('_', " ")).collect(),
            "l" => support.max_level = Some(value.parse().ok()?),
            "b" => support.max_bit_depth = value.parse().ok()?,
            "w" => support.max_width = Some(value.parse().ok()?),
            "h" => support.max_height = Some(value.parse().ok()?),
            "f" => support.max_frame_rate = Some(value.parse().ok()?),
            "r" => support.ranges = value.split('+').map(str::to_owned).collect(),
            "i" => support.is_interlaced = true,
            _ => return None,
        }
    }
    Some(support)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_every_name_is_there_once() {
        let lines = TEXT.lines().filter(|it| it.trim_start().starts_with("client ")).count();
        assert_eq!(KNOWN.len(), lines);
        assert!(lines >= 16, "{lines}");
        assert!(known_client("mpv").is_some_and(|it| it.chooses_audio && it.seeks_without_index));
        assert_eq!(known_client("abacus"), None);
        let shows = |it: &str| known_client(it).map(|it| it.subtitles);
        let text = SubtitleSupport { text: true, script: false, drawn: false };
        assert_eq!(shows("webos_6"), Some(text));
        assert_eq!(shows("kodi"), Some(SubtitleSupport::default()));
    }

    #[test]
    fn what_is_no_word_makes_no_client() {
        for wrong in ["file=mp4", "video=h264/q3", "video=h264/l", "audio=aac/two", "video=h264//"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
