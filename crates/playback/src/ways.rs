//! What of a film is copied and what is made anew for a client. Pure.

use media::StreamKind;
use media::decide::{ClientProfile, Decision, Method, Reason};
use media::samples::Film;
use media::transcode::{
    self, Abilities, Burnt, Effort, Encoder, Picture, Rendition, Rung, SOUND_BPS,
};

use crate::limit::Allowance;

/// What it takes to play something, estimated.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cost {
    /// Bits per second on the way: on average of what is copied, at the most of what is made anew.
    pub bitrate_bps: Option<i64>,
    /// Processors of this server that are busy on average; 1 is the whole of one.
    pub processors: f64,
}

/// How each part of a film comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// Pictures are offered as they are.
    pub has_copy: bool,
    /// The sizes in which pictures are made, the largest first; beside a copy those that cost less on the way.
    pub rungs: Vec<Rung>,
    /// The subtitle that is painted into the pictures.
    pub burnt: Option<Burnt>,
    /// Sound tracks, the one that plays first; those with a rendition are made anew.
    pub sounds: Vec<(u32, Option<Rendition>)>,
}

impl Parts {
    /// The sound tracks, by their numbers.
    pub fn playable_audio(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = self.sounds.iter().map(|it| it.0).collect();
        numbers.sort_unstable();
        numbers
    }

    /// Those of them that come as they are.
    pub fn copied_audio(&self) -> Vec<u32> {
        self.sounds.iter().filter(|it| it.1.is_none()).map(|it| it.0).collect()
    }

    /// What the parts that play first cost, where pictures of a size are made like this.
    pub fn cost(&self, film: &Film, picture: impl Fn(Rung) -> Picture) -> Cost {
        let made = self.rungs.first().filter(|_| !self.has_copy);
        let of_pictures = made.map_or(0.0, |rung| {
            transcode::processors(&film.video().stream, Rendition::Picture(picture(*rung)))
        });
        let sound = self.sounds.first().and_then(|(index, made)| {
            let track = film.tracks.iter().find(|it| it.stream.index == *index)?;
            Some(transcode::processors(&track.stream, (*made)?))
        });
        let bps = made.map_or(film.bitrate_bps.1, |it| it.peak_bps() + SOUND_BPS);
        let bitrate_bps = i64::try_from(bps).ok().filter(|it| *it > 0);
        Cost { bitrate_bps, processors: of_pictures + sound.unwrap_or(0.0) }
    }

    /// The way as a whole.
    pub fn method(&self) -> Method {
        match self.sounds.first() {
            _ if !self.has_copy => Method::TranscodeVideo,
            Some((_, Some(_))) => Method::TranscodeAudio,
            _ => Method::Remux,
        }
    }
}

/// Why something of a film is not made anew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Without {
    /// Why this server makes nothing anew, if so.
    pub all: Option<Reason>,
    /// Streams of the film that it began to make anew for the client, and could not.
    pub unmade: Vec<u32>,
}

impl Without {
    fn against(&self, stream: u32) -> Option<Reason> {
        let is_unmade = self.unmade.contains(&stream);
        self.all.clone().or_else(|| is_unmade.then_some(Reason::ConversionFailed))
    }
}

/// Decides for an open film, of which nothing is made anew that is `without`, nor beyond `allowance`. Refuses with what
/// stands in the way.
pub fn parts(
    film: &Film,
    decision: &Decision,
    profile: Option<&ClientProfile>,
    without: &Without,
    abilities: Abilities,
    allowance: Option<Allowance>,
) -> Result<Parts, Vec<Reason>> {
    let takes_sound = profile.is_none_or(ClientProfile::takes_made_sound);
    let video = film.video();
    let has_copy = decision.method != Method::TranscodeVideo && video.is_copied();
    let mut against: Vec<Reason> = without.against(video.stream.index).into_iter().collect();
    let colors = transcode::against(&video.stream, abilities);
    against.extend(colors.map(|it| Reason::NotConverted(it.to_owned())));
    if !profile.is_none_or(ClientProfile::takes_made_pictures) {
        against.push(Reason::VideoCodec(media::Codec::H264));
    }
    if !has_copy && !against.is_empty() {
        return Err(against);
    }
    let mut allowed = Rung::of(&video.stream);
    let smallest = allowed.last().map_or(0, |it| it.peak_bps());
    allowed.retain(|it| allowance.is_none_or(|limit| limit.allows(*it)));
    if !has_copy && allowed.is_empty() {
        return Err(vec![Reason::NothingSmaller(smallest)]);
    }
    let mut rungs = affordable(&allowed, profile);
    if has_copy {
        rungs.retain(|it| against.is_empty() && is_cheaper(film, *it));
    }
    let takes_surround = profile.is_some_and(ClientProfile::takes_made_surround);
    let mut sounds: Vec<(u32, Option<Rendition>)> = Vec::new();
    for track in film.tracks.iter().filter(|it| it.stream.kind == StreamKind::Audio) {
        let index = track.stream.index;
        let is_copied = decision.playable_audio.contains(&index) && track.is_copied();
        if is_copied || (takes_sound && without.against(index).is_none()) {
            let is_surround = takes_surround && track.stream.channels > Some(2);
            let made = if is_surround { Rendition::Surround } else { Rendition::Sound };
            sounds.push((index, (!is_copied).then_some(made)));
        }
    }
    if let Some(first) = decision.audio {
        let Some(at) = sounds.iter().position(|it| it.0 == first) else {
            let left_out = film.left_out.iter().find(|it| it.0 == first);
            let why = left_out.map(|it| Reason::Uncut(it.1.clone()));
            return Err(without.against(first).or(why).into_iter().collect());
        };
        sounds[..=at].rotate_right(1);
    }
    Ok(Parts { has_copy, rungs, burnt: None, sounds })
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

/// Whether a size costs less on the way than the film as it is: one of as many lines than the film on average, a smaller one
/// than its richest part.
fn is_cheaper(film: &Film, rung: Rung) -> bool {
    let source = film.video();
    let encoder = Encoder::Software(Effort::Ultrafast);
    let picture = Picture { rung, encoder, burnt: None };
    let made = transcode::track(source, Rendition::Picture(picture));
    let is_smaller = made.is_some_and(|it| it.stream.height < source.stream.height);
    let (peak, average) = film.bitrate_bps;
    rung.peak_bps() + SOUND_BPS < if is_smaller { peak } else { average }
}

/// Pictures as they are, in an address.
const COPY: &str = "copy";

/// The pictures to offer, as an address has them: as they are, and the names of what is made of them.
pub fn write_pictures(parts: &Parts, rendition: impl Fn(Rung) -> Rendition) -> String {
    let copy = parts.has_copy.then(|| COPY.to_owned());
    let made = parts.rungs.iter().map(|it| rendition(*it).to_string());
    copy.into_iter().chain(made).collect::<Vec<_>>().join(",")
}

/// The same read again, `None` for pictures as they are; what makes no sense is left out.
pub fn read_pictures(text: &str) -> Vec<Option<Rendition>> {
    let read = |name: &str| match name {
        COPY => Some(None),
        name => name.parse().ok().filter(|it| matches!(it, Rendition::Picture(_))).map(Some),
    };
    text.split(',').filter_map(read).collect()
}

/// Sound tracks as an address has them: numbers, those that are made anew with the rendition's name.
pub fn write_sounds(sounds: &[(u32, Option<Rendition>)]) -> String {
    let write = |(index, made): &(u32, Option<Rendition>)| match made {
        Some(made) => format!("{index}:{made}"),
        None => index.to_string(),
    };
    sounds.iter().map(write).collect::<Vec<_>>().join(",")
}

/// The same read again; what makes no sense is left out.
pub fn read_sounds(text: &str) -> Vec<(u32, Option<Rendition>)> {
    let read = |part: &str| match part.split_once(':') {
        Some((index, name)) => {
            let made: Rendition = name.parse().ok()?;
            let is_sound = !matches!(made, Rendition::Picture(_));
            is_sound.then_some((index.parse().ok()?, Some(made)))
        }
        None => Some((part.parse().ok()?, None)),
    };
    text.split(',').filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds_are_read_as_they_were_written() {
        let sounds = [(2, Some(Rendition::Sound)), (1, None), (13, Some(Rendition::Surround))];
        assert_eq!(write_sounds(&sounds), "2:aac,1,13:aac-6");
        assert_eq!(read_sounds(&write_sounds(&sounds)), sounds);
        assert_eq!(read_sounds("1:mp3,x,,7,2:h264-480-veryfast"), [(7, None)]);
    }

    #[test]
    fn pictures_are_read_as_they_were_written() {
        let made = |rung| {
            let encoder = Encoder::Software(Effort::for_cores(rung, 2));
            Rendition::Picture(Picture { rung, encoder, burnt: None })
        };
        let rungs = vec![Rung::P720, Rung::P480];
        let parts = Parts { has_copy: true, rungs, burnt: None, sounds: Vec::new() };
        assert_eq!(write_pictures(&parts, made), "copy,h264-720-superfast,h264-480-veryfast");
        let read = read_pictures(&write_pictures(&parts, made));
        assert_eq!(read, [None, Some(made(Rung::P720)), Some(made(Rung::P480))]);
        let parts = Parts { has_copy: false, ..parts };
        assert_eq!(write_pictures(&parts, made), "h264-720-superfast,h264-480-veryfast");
        assert_eq!(read_pictures("aac,x,,h264-480-placebo"), []);
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
