//! What one movie fragment (`moof`) holds of each track.

use super::boxes::{BoxAt, u32_at, u64_at};
use super::track::Track;
use crate::read::Source;

/// A movie fragment box is small: one entry per sample of some seconds.
pub(super) const MAX_FRAGMENT_BYTES: u64 = 4 * 1024 * 1024;
/// Set in the flags of a sample that needs others to be decoded.
const NON_SYNC: u32 = 0x0001_0000;

/// What samples have where a fragment does not say otherwise (`trex`, and then `tfhd`).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Defaults {
    pub duration: u32,
    pub size: u32,
    pub flags: u32,
}

impl Defaults {
    /// The body of `trex`: the track's number and its defaults.
    pub fn read(body: &[u8]) -> Option<(u32, Self)> {
        let (duration, size, flags) = (u32_at(body, 12)?, u32_at(body, 16)?, u32_at(body, 20)?);
        Some((u32_at(body, 4)?, Self { duration, size, flags }))
    }
}

/// The samples that one fragment has of one track.
pub(super) struct Run {
    pub track_id: u32,
    /// Where its first sample stands in the order of decoding, in units of the track's timescale.
    pub base_time: Option<u64>,
    pub duration: u64,
    pub n_samples: u64,
    /// Offset and size of the first sample.
    pub first_sample: Option<(u64, u32)>,
    /// How much later than decoded the first sample is shown.
    pub first_composition: i64,
    pub begins_with_key_frame: bool,
    /// The shortest and the longest a sample lasts.
    pub shortest: u32,
    pub longest: u32,
}

/// The runs of a fragment, one per track in it. Broken ones are left out.
pub(super) fn read(src: &Source<'_>, moof: BoxAt, tracks: &[Track]) -> Vec<Run> {
    if moof.end - moof.body > MAX_FRAGMENT_BYTES {
        return Vec::new();
    }
    let fragments = moof.children(src).into_iter().filter(|it| it.kind == *b"traf");
    fragments.filter_map(|it| run(src, moof, it, tracks)).collect()
}

fn run(src: &Source<'_>, moof: BoxAt, traf: BoxAt, tracks: &[Track]) -> Option<Run> {
    let parts = traf.children(src);
    let header = parts.iter().find(|it| it.kind == *b"tfhd")?.head(src, 40, "a fragment").ok()?;
    let flags = u32_at(&header, 0)? & 0xff_ffff;
    let track_id = u32_at(&header, 4)?;
    let mut defaults =
        tracks.iter().find(|it| it.id == track_id).map_or(Defaults::default(), |it| it.defaults);
    let mut at = 8;
    let mut base = moof.start;
    if flags & 1 != 0 {
        base = u64_at(&header, at)?;
        at += 8;
    }
    at += if flags & 2 != 0 { 4 } else { 0 };
    for (flag, field) in
        [(8, &mut defaults.duration), (0x10, &mut defaults.size), (0x20, &mut defaults.flags)]
    {
        if flags & flag != 0 {
            *field = u32_at(&header, at)?;
            at += 4;
        }
    }
    let base_time = parts.iter().find(|it| it.kind == *b"tfdt").and_then(|it| {
        let body = it.head(src, 12, "a fragment").ok()?;
        if *body.first()? == 1 { u64_at(&body, 4) } else { u32_at(&body, 4).map(Into::into) }
    });
    let mut run = Run {
        track_id,
        base_time,
        duration: 0,
        n_samples: 0,
        first_sample: None,
        first_composition: 0,
        begins_with_key_frame: false,
        shortest: u32::MAX,
        longest: 0,
    };
    for trun in parts.iter().filter(|it| it.kind == *b"trun") {
        let body = trun.load(src, MAX_FRAGMENT_BYTES, "a fragment").ok()?;
        add_samples(&mut run, &body, base, defaults)?;
    }
    Some(run)
}

fn add_samples(run: &mut Run, trun: &[u8], base: u64, defaults: Defaults) -> Option<()> {
    let flags = u32_at(trun, 0)? & 0xff_ffff;
    let n_samples = u32_at(trun, 4)?;
    let mut at = 8;
    let mut offset = 0;
    if flags & 1 != 0 {
        offset = i64::from(u32_at(trun, at)? as i32);
        at += 4;
    }
    let mut first_flags = None;
    if flags & 4 != 0 {
        first_flags = Some(u32_at(trun, at)?);
        at += 4;
    }
    let samples = trun.get(at..)?;
    // Four fields, each there or not: duration, size, flags, composition offset.
    let fields = flags >> 8 & 0xf;
    let width = 4 * fields.count_ones() as usize;
    let field = |sample: &[u8], n: u32| {
        let before = (fields & ((1 << n) - 1)).count_ones() as usize;
        if fields >> n & 1 == 1 { u32_at(sample, 4 * before) } else { None }
    };
    if run.n_samples == 0 && n_samples > 0 {
        let first = samples.get(..width)?;
        let size = field(first, 1).unwrap_or(defaults.size);
        run.first_sample = base.checked_add_signed(offset).map(|it| (it, size));
        run.first_composition = i64::from(field(first, 3).unwrap_or(0) as i32);
        let flags = first_flags.or(field(first, 2)).unwrap_or(defaults.flags);
        run.begins_with_key_frame = flags & NON_SYNC == 0;
    }
    run.n_samples += u64::from(n_samples);
    if fields & 1 == 0 {
        let all = u64::from(n_samples) * u64::from(defaults.duration);
        run.duration = run.duration.checked_add(all)?;
        run.shortest = run.shortest.min(defaults.duration);
        run.longest = run.longest.max(defaults.duration);
        return Some(());
    }
    for sample in samples.chunks_exact(width).take(n_samples as usize) {
        let duration = u32_at(sample, 0)?;
        run.duration = run.duration.checked_add(duration.into())?;
        run.shortest = run.shortest.min(duration);
        run.longest = run.longest.max(duration);
    }
    Some(())
}
