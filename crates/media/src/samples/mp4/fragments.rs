//! Movie fragments, added to the tracks' tables in the order of the file.

use super::table::Added;
use super::{MAX_TOP_LEVEL, Place};
use crate::ProbeError;
use crate::mp4::boxes::{BoxAt, Boxes, box_at, u32_at, u64_at};
use crate::read::Source;

/// A movie fragment box is small: one entry per sample of some seconds.
const MAX_FRAGMENT_BYTES: u64 = 8 * 1024 * 1024;
/// `sample_is_non_sync_sample` of a sample's flags.
const NOT_SYNC: u32 = 0x1_0000;

/// What a track's fragments leave out.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Defaults {
    track: u32,
    /// The number of a description in `stsd`, from 1.
    description: u32,
    duration: u32,
    size: u32,
    flags: u32,
}

/// The defaults of `mvex`.
pub(super) fn defaults(src: &Source<'_>, extends: BoxAt) -> Vec<Defaults> {
    let boxes = extends.children(src).into_iter().filter(|it| it.kind == *b"trex");
    let read = |it: BoxAt| {
        let body = it.head(src, 24, "a track's defaults").ok()?;
        Some(Defaults {
            track: u32_at(&body, 4)?,
            description: u32_at(&body, 8)?,
            duration: u32_at(&body, 12)?,
            size: u32_at(&body, 16)?,
            flags: u32_at(&body, 20)?,
        })
    };
    boxes.filter_map(read).collect()
}

pub(super) fn read(
    src: &Source<'_>,
    mut at: u64,
    defaults: &[Defaults],
    places: &mut [Place],
) -> Result<(), ProbeError> {
    for _ in 0..MAX_TOP_LEVEL {
        if src.size.saturating_sub(at) < 8 {
            break;
        }
        let Ok(it) = box_at(src, at, u64::MAX) else { break };
        // What is cut off at the end is not played; what is there is.
        if it.end > src.size {
            break;
        }
        if it.kind == *b"moof" {
            let body = it.load(src, MAX_FRAGMENT_BYTES, "a fragment")?;
            for (_, traf) in Boxes(&body).filter(|it| it.0 == *b"traf") {
                // A broken run of one track is no reason to lose the others.
                let _ = add(src, it, traf, defaults, places);
            }
        }
        at = it.end;
    }
    Ok(())
}

fn add(
    src: &Source<'_>,
    moof: BoxAt,
    traf: &[u8],
    defaults: &[Defaults],
    places: &mut [Place],
) -> Option<()> {
    let header = Boxes(traf).find(*b"tfhd")?;
    let flags = u32_at(header, 0)? & 0xff_ffff;
    let track = u32_at(header, 4)?;
    let place = places.iter_mut().find(|it| it.id == track)?;
    let mut defaults = defaults.iter().find(|it| it.track == track).copied().unwrap_or_default();
    let mut at = 8;
    let mut base = moof.start;
    if flags & 1 != 0 {
        base = u64_at(header, at)?;
        at += 8;
    }
    for (flag, field) in [
        (2, &mut defaults.description),
        (8, &mut defaults.duration),
        (0x10, &mut defaults.size),
        (0x20, &mut defaults.flags),
    ] {
        if flags & flag != 0 {
            *field = u32_at(header, at)?;
            at += 4;
        }
    }
    if let Some(time) = Boxes(traf).find(*b"tfdt") {
        let start = if *time.first()? == 1 { u64_at(time, 4)? } else { u32_at(time, 4)?.into() };
        place.table.set_next_dts(i64::try_from(start).ok()?);
    }
    let mut next = base;
    for (_, run) in Boxes(traf).filter(|it| it.0 == *b"trun") {
        next = add_run(src, run, base, next, &defaults, place)?;
    }
    Some(())
}

/// Adds the samples of one `trun`; gives where the bytes behind them are.
fn add_run(
    src: &Source<'_>,
    run: &[u8],
    base: u64,
    next: u64,
    defaults: &Defaults,
    place: &mut Place,
) -> Option<u64> {
    let flags = u32_at(run, 0)? & 0xff_ffff;
    let n_samples = u32_at(run, 4)?;
    let mut at = 8;
    let mut offset = next;
    if flags & 1 != 0 {
        offset = base.checked_add_signed(i64::from(u32_at(run, at)? as i32))?;
        at += 4;
    }
    let description = defaults.description.saturating_sub(1);
    let mut first_flags = None;
    if flags & 4 != 0 {
        first_flags = u32_at(run, at);
        at += 4;
    }
    for n in 0..n_samples {
        let mut field = |flag: u32, default: u32| {
            if flags & flag == 0 {
                return Some(default);
            }
            at += 4;
            u32_at(run, at - 4)
        };
        let duration = field(0x100, defaults.duration)?;
        let size = field(0x200, defaults.size)?;
        let sample_flags = field(0x400, first_flags.filter(|_| n == 0).unwrap_or(defaults.flags))?;
        let delay = field(0x800, 0)? as i32;
        let end = offset.checked_add(size.into()).filter(|it| *it <= src.size)?;
        let is_key = sample_flags & NOT_SYNC == 0;
        place.table.add(Added { offset, size, duration, delay, is_key, description });
        offset = end;
        // Without a field for each sample, a count of four thousand million costs the file nothing.
        if flags & 0xf00 == 0 && n > 1_000_000 {
            return None;
        }
    }
    Some(offset)
}
