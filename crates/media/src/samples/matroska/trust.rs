//! Whether a file's own Cues are worth going by.

use super::MAX_FIRST_BLOCKS;
use super::blocks::Blocks;
use super::header::{Cue, Header};
use crate::ProbeError;
use crate::probe::Probe;
use crate::read::Source;
use crate::samples::{SECOND_NS, saturate};

/// Cues that are looked up before all are believed.
const N_LOOKED_UP: usize = 8;
/// Where nothing is indexed for longer than this at the end, an index was not finished.
const MAX_TAIL_NS: i64 = 60 * SECOND_NS;

/// Some of them are looked up, and they must reach to where the film ends.
pub(super) fn are_true(
    src: &Source<'_>,
    header: &Header,
    video: u64,
    cues: &[Cue],
    probe: &Probe,
) -> bool {
    let n_cues = cues.len();
    let mut looked_up: Vec<&Cue> =
        (0..N_LOOKED_UP).filter_map(|n| cues.get(n * n_cues / N_LOOKED_UP)).collect();
    looked_up.extend(cues.last());
    looked_up.dedup();
    let is_true = |cue: &&Cue| {
        // The beginning of the file stands in for an entry that was left out; what was cut off is not there to be found.
        if cue.cluster == header.first_cluster.unwrap_or(0) || cue.cluster >= src.size {
            return true;
        }
        let mut blocks = Blocks::new(src, cue.cluster, header.segment_end);
        for _ in 0..MAX_FIRST_BLOCKS {
            match blocks.next() {
                Ok(Some(it)) if it.cluster != cue.cluster => return false,
                Ok(Some(it)) if it.track == video && it.time == saturate(cue.time.into()) => {
                    return it.is_key;
                }
                Ok(Some(_)) => {}
                // The disk may fail, and the file be cut off, whatever the index says.
                Err(ProbeError::Io(_) | ProbeError::Truncated { .. }) => return true,
                Ok(None) | Err(_) => return false,
            }
        }
        false
    };
    let last_ns =
        cues.last().map_or(0, |it| saturate(i128::from(it.time) * i128::from(header.scale_ns)));
    let end_ns = probe.duration_ms.unwrap_or(0).saturating_mul(1_000_000);
    let mean_ns = last_ns / (n_cues as i64);
    let is_near = end_ns.saturating_sub(last_ns) < MAX_TAIL_NS.max(mean_ns.saturating_mul(8));
    // A stated length may be nonsense, as with subtitles without an end; what lies behind the last entry is not.
    let place =
        |it: Option<&Cue>| it.map_or(0, |it| it.cluster.saturating_add(it.relative.unwrap_or(0)));
    let (first, last) = (place(cues.first()), place(cues.last()));
    let rest = header.segment_end.min(src.size).saturating_sub(last);
    let is_little = rest < last.saturating_sub(first) / n_cues as u64 * 8;
    (is_near || is_little) && looked_up.iter().all(is_true)
}
