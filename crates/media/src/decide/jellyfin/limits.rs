//! Conditions on codecs as entries of ours, each of which is a limit in every direction.

use super::names;
use super::read::{CodecLimits, CodecUse, Condition, Measure};
use crate::decide::{AudioSupport, VideoSupport};
use crate::stream::Codec;

/// Entries of one codec; where it would take more, a limit counts in every case.
const MAX_ENTRIES: usize = 8;
/// All that a picture can be.
const RANGES: [&str; 3] = ["hdr10", "hlg", "dolby_vision"];

/// All that is said of codecs.
pub(super) struct Limits<'a>(pub &'a [CodecLimits]);

impl Limits<'_> {
    fn of<'a>(&'a self, used: CodecUse, codec: &'a Codec) -> impl Iterator<Item = &'a CodecLimits> {
        self.0.iter().filter(move |it| it.used == used && names::means(&it.codecs, codec))
    }

    /// How far the decoder of some pictures goes; nothing where there is none that can be told.
    pub fn pictures(&self, codec: &Codec) -> Vec<VideoSupport> {
        // What is not limited is taken.
        let all = VideoSupport {
            max_bit_depth: u8::MAX,
            ranges: RANGES.map(str::to_owned).to_vec(),
            is_interlaced: true,
            ..VideoSupport::of(codec.clone())
        };
        let mut entries = vec![all];
        for limit in self.of(CodecUse::Video, codec) {
            let narrow_all =
                |it: &VideoSupport| limit.conditions.iter().try_fold(it.clone(), narrow);
            let mut narrowed = Vec::new();
            super::add(&mut narrowed, entries.iter().filter_map(narrow_all));
            // One that is not the case spares the others.
            let opposites: Vec<Condition> = limit.cases.iter().filter_map(opposite).collect();
            let spared = opposites
                .iter()
                .flat_map(|case| entries.iter().filter_map(move |it| narrow(it.clone(), case)));
            let mut both = narrowed.clone();
            super::add(&mut both, spared);
            entries = if both.len() > MAX_ENTRIES { narrowed } else { both };
        }
        entries
    }

    /// How far the decoder of some sound goes, where there is one.
    pub fn sound(&self, codec: &Codec, max_channels: Option<u16>) -> Option<AudioSupport> {
        let mut support =
            AudioSupport { codec: codec.clone(), max_channels, max_sample_rate: None };
        for condition in self.of(CodecUse::VideoAudio, codec).flat_map(|it| &it.conditions) {
            match condition {
                Condition::AtMost(Measure::Channels, most) => {
                    lower(&mut support.max_channels, *most as u16);
                }
                Condition::AtMost(Measure::SampleRate, most) => {
                    lower(&mut support.max_sample_rate, *most as u32);
                }
                _ => {}
            }
        }
        (support.max_channels != Some(0) && support.max_sample_rate != Some(0)).then_some(support)
    }

    /// Whether only the first sound of a file is played.
    pub fn takes_first_sound_only(&self) -> bool {
        let of_sound = self.0.iter().filter(|it| it.used == CodecUse::VideoAudio);
        of_sound.flat_map(|it| &it.conditions).any(|it| *it == Condition::IsSecondary(false))
    }
}

fn lower<T: Ord + Copy>(limit: &mut Option<T>, most: T) {
    *limit = Some(limit.map_or(most, |it| it.min(most)));
}

/// What of an entry meets a condition; nothing where none does, or it cannot be told.
fn narrow(mut entry: VideoSupport, condition: &Condition) -> Option<VideoSupport> {
    match condition {
        Condition::AtMost(_, most) if *most < 1.0 => return None,
        Condition::AtMost(Measure::Width, most) => lower(&mut entry.max_width, *most as u32),
        Condition::AtMost(Measure::Height, most) => lower(&mut entry.max_height, *most as u32),
        Condition::AtMost(Measure::Level, most) => lower(&mut entry.max_level, *most as i32),
        Condition::AtMost(Measure::BitDepth, most) => {
            entry.max_bit_depth = entry.max_bit_depth.min(*most as u8);
        }
        Condition::AtMost(Measure::FrameRate, most) => {
            entry.max_frame_rate = Some(entry.max_frame_rate.map_or(*most, |it| it.min(*most)));
        }
        Condition::IsInterlaced(true) => return None,
        Condition::IsInterlaced(false) => entry.is_interlaced = false,
        Condition::Profiles { among, is_except } => {
            entry.profiles = profiles(&entry, among, *is_except)?;
        }
        Condition::Ranges { among, is_except } => {
            let is_named = |name: &str| among.iter().any(|it| it == name);
            // An entry always has pictures of the usual range in it.
            if is_named("sdr") == *is_except {
                return None;
            }
            entry.ranges.retain(|it| {
                let name = if it == "dolby_vision" { "dovi" } else { it };
                is_named(name) != *is_except
            });
        }
        Condition::AtMost(Measure::Channels | Measure::SampleRate, _)
        | Condition::AtLeast(..)
        | Condition::IsSecondary(_)
        | Condition::Unheeded => {}
    }
    Some(entry)
}

/// The profiles of an entry that are among some, or not.
fn profiles(entry: &VideoSupport, among: &[String], is_except: bool) -> Option<Vec<String>> {
    let (known, n_usual) = names::profiles(&entry.codec);
    if known.is_empty() {
        return Some(if is_except { entry.profiles.clone() } else { among.to_vec() });
    }
    let plain = |it: &str| -> String {
        it.chars().filter(char::is_ascii_alphanumeric).map(|it| it.to_ascii_lowercase()).collect()
    };
    let named: Vec<String> = among.iter().map(|it| plain(it).replace("profile", "")).collect();
    // Whoever does not take some is not believed to take what hardly anyone does.
    let all = if is_except { &known[..n_usual] } else { known };
    let fits = |it: &&&str| {
        let is_named = named.contains(&plain(it).replace("profile", ""));
        let is_there = entry.profiles.is_empty() || entry.profiles.iter().any(|own| own == **it);
        is_there && is_named != is_except
    };
    let found: Vec<String> = all.iter().filter(fits).map(|it| (*it).to_owned()).collect();
    (!found.is_empty()).then_some(found)
}

/// What is the case where a condition is not met, where that can be told.
fn opposite(condition: &Condition) -> Option<Condition> {
    match condition {
        Condition::AtLeast(measure, least) if *measure != Measure::FrameRate => {
            Some(Condition::AtMost(*measure, least.ceil() - 1.0))
        }
        Condition::Profiles { among, is_except } => {
            Some(Condition::Profiles { among: among.clone(), is_except: !is_except })
        }
        Condition::Ranges { among, is_except } => {
            Some(Condition::Ranges { among: among.clone(), is_except: !is_except })
        }
        Condition::IsInterlaced(is) => Some(Condition::IsInterlaced(!is)),
        // Between two numbers of pictures a second is another.
        Condition::AtMost(..)
        | Condition::AtLeast(..)
        | Condition::IsSecondary(_)
        | Condition::Unheeded => None,
    }
}
