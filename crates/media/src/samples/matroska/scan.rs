//! Cues of a file that has none: found by going from block to block, the frames left unread.

use super::blocks::Blocks;
use super::header::{Cue, Header};
use crate::ProbeError;
use crate::matroska::ebml::element_at;
use crate::read::Source;
use crate::samples::FilmError;
use crate::samples::index::{Packer, Reach, Unpacker};

/// What every cluster begins with.
const CLUSTER: [u8; 4] = [0x1f, 0x43, 0xb6, 0x75];
/// A film of nothing but key frames: nine hours of thirty a second.
const MAX_KEYS: usize = 1 << 20;
/// How much is searched at once for the next cluster behind a damaged place.
const SEARCH_BYTES: u64 = 256 * 1024;

/// Time in the segment's units and place of the cluster, of what an index would list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::samples) struct Scan {
    /// The video's key frames.
    pub keys: Vec<(i64, u64)>,
    /// Subtitles by the number of their track.
    pub texts: Vec<(u64, Vec<(i64, u64)>)>,
}

impl Scan {
    pub fn read(src: &Source<'_>, video: u32, reach: &mut Reach<'_>) -> Result<Self, FilmError> {
        let header = Header::read(src)?;
        let video = header.tracks.iter().find(|it| it.stream == video).map(|it| it.number);
        let (Some(video), Some(first)) = (video, header.first_cluster) else {
            return Err(FilmError::NoIndex);
        };
        let texts = header.tracks.iter().filter(|it| !it.is_media);
        let mut scan =
            Self { keys: Vec::new(), texts: texts.map(|it| (it.number, Vec::new())).collect() };
        let mut at = first;
        loop {
            let mut blocks = Blocks::new(src, at, header.segment_end);
            let broken_at = loop {
                match blocks.next() {
                    Ok(Some(block)) => {
                        at = block.end;
                        if !reach.goes_on(at)? {
                            return Ok(scan);
                        }
                        let found = (block.time, block.cluster);
                        if block.track == video && block.is_key && scan.keys.len() < MAX_KEYS {
                            scan.keys.push(found);
                        } else if let Some((_, list)) =
                            scan.texts.iter_mut().find(|it| it.0 == block.track)
                            && list.len() < MAX_KEYS
                        {
                            list.push(found);
                        }
                    }
                    Ok(None) => return Ok(scan),
                    Err(ProbeError::Io(error)) => return Err(error.into()),
                    Err(_) => break at.max(blocks.place()),
                }
            };
            let Some(next) = next_cluster(src, broken_at, reach)? else { return Ok(scan) };
            at = next;
        }
    }

    /// As the file would have listed them.
    pub(super) fn cues(found: &[(i64, u64)]) -> Vec<Cue> {
        let mut cues: Vec<Cue> = found
            .iter()
            .filter_map(|(time, cluster)| {
                let time = u64::try_from(*time).ok()?;
                Some(Cue { time, cluster: *cluster, relative: None })
            })
            .collect();
        // What is shown before something that lies before it could not be cut there.
        let mut time = None;
        cues.retain(|it| {
            let is_behind = time.is_none_or(|time| it.time > time);
            time = time.max(Some(it.time));
            is_behind
        });
        cues
    }

    pub fn pack(&self, out: &mut Packer) {
        out.pairs(&self.keys);
        out.list(&self.texts, |out, (number, list)| {
            out.number(*number);
            out.pairs(list);
        });
    }

    pub fn unpack(packed: &mut Unpacker<'_>) -> Option<Self> {
        Some(Self {
            keys: packed.pairs()?,
            texts: packed.list(|it| Some((it.number()?, it.pairs()?)))?,
        })
    }
}

/// The next cluster behind a place that makes no sense.
fn next_cluster(
    src: &Source<'_>,
    from: u64,
    reach: &mut Reach<'_>,
) -> Result<Option<u64>, FilmError> {
    let mut at = from + 1;
    while src.size.saturating_sub(at) > 12 {
        if !reach.goes_on(at)? {
            return Ok(None);
        }
        let piece = src.bytes(at, SEARCH_BYTES.min(src.size - at), "a damaged place")?;
        let places = piece.windows(4).enumerate().filter(|it| it.1 == CLUSTER);
        let is_cluster = |place: &u64| element_at(src, *place, u64::MAX).is_ok();
        let found = places.map(|it| at + it.0 as u64).find(is_cluster);
        if found.is_some() {
            return Ok(found);
        }
        at += piece.len() as u64 - 3;
    }
    Ok(None)
}
