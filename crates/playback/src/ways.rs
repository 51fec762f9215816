//! What of a film is copied and what is made anew for a client. Pure.

use media::StreamKind;
use media::decide::{ClientProfile, Decision, Method, Reason};
use media::samples::Film;
use media::transcode::{self, Rendition, Rung};

/// How each part of a film comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// The sizes in which pictures are made; empty when they are copied.
    pub rungs: Vec<Rung>,
    /// Sound tracks, the one that plays first; those with `true` are made anew.
    pub sounds: Vec<(u32, bool)>,
}

impl Parts {
    /// The way as a whole.
    pub fn method(&self) -> Method {
        match self.sounds.first() {
            _ if !self.rungs.is_empty() => Method::TranscodeVideo,
            Some((_, true)) => Method::TranscodeAudio,
            _ => Method::Remux,
        }
    }
}

/// Decides for an open film; `without` is why this server makes nothing anew, if so. Refuses with what stands in the way.
pub fn parts(
    film: &Film,
    decision: &Decision,
    profile: Option<&ClientProfile>,
    without: Option<&Reason>,
) -> Result<Parts, Vec<Reason>> {
    let makes_sound = without.is_none() && profile.is_none_or(ClientProfile::takes_made_sound);
    let mut rungs = Vec::new();
    let video = film.video();
    let is_video_copied = decision.method != Method::TranscodeVideo && video.is_copied();
    if !is_video_copied {
        let mut against: Vec<Reason> = without.cloned().into_iter().collect();
        against.extend(
            transcode::against(&video.stream).map(|it| Reason::NotConverted(it.to_owned())),
        );
        if !profile.is_none_or(ClientProfile::takes_made_pictures) {
            against.push(Reason::VideoCodec(media::Codec::H264));
        }
        if !against.is_empty() {
            return Err(against);
        }
        rungs = affordable(&Rung::of(&video.stream), profile);
    }
    let mut sounds: Vec<(u32, bool)> = Vec::new();
    for track in film.tracks.iter().filter(|it| it.stream.kind == StreamKind::Audio) {
        let index = track.stream.index;
        let is_copied = decision.playable_audio.contains(&index) && track.is_copied();
        if is_copied || makes_sound {
            sounds.push((index, !is_copied));
        }
    }
    if let Some(first) = decision.audio {
        let Some(at) = sounds.iter().position(|it| it.0 == first) else {
            let left_out = film.left_out.iter().find(|it| it.0 == first);
            let why = left_out.map(|it| Reason::Uncut(it.1.clone()));
            return Err(without.cloned().or(why).into_iter().collect());
        };
        sounds[..=at].rotate_right(1);
    }
    Ok(Parts { rungs, sounds })
}

/// The sizes that the client's limit allows; the smallest is better than nothing.
fn affordable(all: &[Rung], profile: Option<&ClientProfile>) -> Vec<Rung> {
    let limit = profile.and_then(|it| it.max_bitrate_bps).unwrap_or(i64::MAX);
    let limit = u64::try_from(limit).unwrap_or(0);
    let within = all.iter().copied().filter(|it| it.peak_bps() <= limit);
    let mut rungs: Vec<Rung> = within.collect();
    if rungs.is_empty() {
        rungs.extend(all.last());
    }
    rungs
}

/// Sound tracks as an address has them: numbers, those that are made anew with the rendition's name.
pub fn write_sounds(sounds: &[(u32, bool)]) -> String {
    let write = |(index, is_made): &(u32, bool)| {
        if *is_made { format!("{index}:{}", Rendition::Sound) } else { index.to_string() }
    };
    sounds.iter().map(write).collect::<Vec<_>>().join(",")
}

/// The same read again; what makes no sense is left out.
pub fn read_sounds(text: &str) -> Vec<(u32, bool)> {
    let read = |part: &str| match part.split_once(':') {
        Some((index, name)) if name.parse() == Ok(Rendition::Sound) => {
            Some((index.parse().ok()?, true))
        }
        Some(_) => None,
        None => Some((part.parse().ok()?, false)),
    };
    text.split(',').filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds_are_read_as_they_were_written() {
        let sounds = [(2, true), (1, false), (13, true)];
        assert_eq!(write_sounds(&sounds), "2:aac,1,13:aac");
        assert_eq!(read_sounds(&write_sounds(&sounds)), sounds);
        assert_eq!(read_sounds("1:mp3,x,,7,2:h264-480-veryfast"), [(7, false)]);
    }

    #[test]
    fn a_limit_leaves_the_sizes_below_it_and_always_one() {
        let all = [Rung::P1080, Rung::P720, Rung::P480];
        for (limit, expected) in [
            (None, &[Rung::P1080, Rung::P720, Rung::P480][..]),
            (Some(5_000_000), &[Rung::P720, Rung::P480]),
            (Some(100), &[Rung::P480]),
            (Some(-1), &[Rung::P480]),
        ] {
            let profile = ClientProfile { max_bitrate_bps: limit, ..ClientProfile::default() };
            assert_eq!(affordable(&all, Some(&profile)), expected, "{limit:?}");
        }
    }
}
