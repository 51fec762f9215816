//! Parameter sets that came with the pictures, as the records that stand outside of them.

use super::pictures::Coding;
use crate::bits::unescape;
use crate::stream::Stream;

/// Units of one kind in a record.
const MAX_SETS: usize = 31;

/// `avcC` or `hvcC` of these sets; sizes of units are four bytes.
pub(super) fn record(coding: Coding, stream: &Stream, sets: &[Vec<u8>]) -> Option<Vec<u8>> {
    match coding {
        Coding::Avc => avcc(stream, sets),
        Coding::Hevc => hvcc(stream, sets),
        _ => None,
    }
}

/// The sets behind start codes, one behind the other.
pub(super) fn with_codes(sets: &[Vec<u8>]) -> Vec<u8> {
    sets.iter().flat_map(|it| [&[0, 0, 1], it.as_slice()].concat()).collect()
}

/// What stands in a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unpacked<'a> {
    /// Bytes of the size before each unit of a sample.
    pub size_bytes: u8,
    /// Where in the record that stands, in the lowest two bits.
    pub size_at: usize,
    /// In the order in which a decoder wants them.
    pub sets: Vec<&'a [u8]>,
}

/// Takes `avcC` or `hvcC` apart; `None` where it is cut off or of another codec.
pub(super) fn unpack(coding: Coding, record: &[u8]) -> Option<Unpacked<'_>> {
    let (size_at, sets) = match coding {
        Coding::Avc => {
            let (n_sequences, rest) = record.get(5..)?.split_first()?;
            let (mut sets, rest) = units(rest, (n_sequences & 0x1f).into())?;
            let (n_pictures, rest) = rest.split_first()?;
            sets.extend(units(rest, (*n_pictures).into())?.0);
            (4, sets)
        }
        Coding::Hevc => {
            let (n_arrays, mut rest) = record.get(22..)?.split_first()?;
            let mut sets = Vec::new();
            for _ in 0..*n_arrays {
                let (_, after) = rest.split_first()?;
                let (n_units, after) = after.split_first_chunk()?;
                let (found, after) = units(after, u16::from_be_bytes(*n_units))?;
                sets.extend(found);
                rest = after;
            }
            (21, sets)
        }
        _ => return None,
    };
    let size_bytes = (record.get(size_at)? & 3) + 1;
    Some(Unpacked { size_bytes, size_at, sets })
}

/// So many units, each behind its size, and what follows them.
fn units(mut rest: &[u8], n_units: u16) -> Option<(Vec<&[u8]>, &[u8])> {
    let mut units = Vec::new();
    for _ in 0..n_units {
        let (size, after) = rest.split_first_chunk()?;
        let (unit, after) = after.split_at_checked(u16::from_be_bytes(*size).into())?;
        units.push(unit);
        rest = after;
    }
    Some((units, rest))
}

fn of_kind(sets: &[Vec<u8>], is_kind: impl Fn(u8) -> bool) -> Vec<&[u8]> {
    let fits = |it: &&Vec<u8>| {
        it.first().is_some_and(|it| is_kind(*it)) && u16::try_from(it.len()).is_ok()
    };
    sets.iter().filter(fits).map(Vec::as_slice).take(MAX_SETS).collect()
}

fn push(out: &mut Vec<u8>, set: &[u8]) {
    out.extend((set.len() as u16).to_be_bytes());
    out.extend(set);
}

/// Chroma format and bits beyond eight, as the prober found them.
fn format(stream: &Stream) -> (u8, u8) {
    let chroma = match stream.pixel_format.as_deref() {
        Some(it) if it.starts_with("gray") => 0,
        Some(it) if it.contains("422") => 2,
        Some(it) if it.contains("444") => 3,
        _ => 1,
    };
    (chroma, stream.bit_depth.unwrap_or(8).clamp(8, 15) - 8)
}

fn avcc(stream: &Stream, sets: &[Vec<u8>]) -> Option<Vec<u8>> {
    let sequences = of_kind(sets, |it| it & 0x1f == 7);
    let pictures = of_kind(sets, |it| it & 0x1f == 8);
    let &[_, profile, constraints, level, ..] = *sequences.first()? else { return None };
    if pictures.is_empty() {
        return None;
    }
    let mut out = vec![1, profile, constraints, level, 0xff, 0xe0 | sequences.len() as u8];
    for it in &sequences {
        push(&mut out, it);
    }
    out.push(pictures.len() as u8);
    for it in &pictures {
        push(&mut out, it);
    }
    if matches!(profile, 100 | 110 | 122 | 144 | 244) {
        let (chroma, depth) = format(stream);
        out.extend([0xfc | chroma, 0xf8 | depth, 0xf8 | depth, 0]);
    }
    Some(out)
}

fn hvcc(stream: &Stream, sets: &[Vec<u8>]) -> Option<Vec<u8>> {
    let arrays = [32, 33, 34].map(|kind| (kind, of_kind(sets, |it| it >> 1 & 0x3f == kind)));
    if arrays.iter().any(|it| it.1.is_empty()) {
        return None;
    }
    let sequence = unescape(arrays[1].1.first()?.get(2..)?);
    let layers = sequence.first()?;
    // Profile, tier and level stand in both in the same shape.
    let general = sequence.get(1..13)?;
    let (chroma, depth) = format(stream);
    let mut out = vec![1];
    out.extend(general);
    out.extend([0xf0, 0, 0xfc, 0xfc | chroma, 0xf8 | depth, 0xf8 | depth, 0, 0]);
    let (n_layers, is_nested) = ((layers >> 1 & 7) + 1, layers & 1);
    out.extend([n_layers << 3 | is_nested << 2 | 3, arrays.len() as u8]);
    for (kind, units) in arrays {
        out.push(0x80 | kind);
        out.extend((units.len() as u16).to_be_bytes());
        for it in &units {
            push(&mut out, it);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec;
    use crate::stream::{Codec, StreamKind};

    #[test]
    fn a_record_says_what_the_sets_said() {
        let stream = Stream::new(0, StreamKind::Video, Codec::H264);
        let sets = [vec![0x67, 100, 0, 31, 0xac], vec![0x68, 0xeb, 0xe3]];
        let record = avcc(&stream, &sets).expect("a record");
        let expected = [1, 100, 0, 31, 0xff, 0xe1, 0, 5, 0x67, 100, 0, 31, 0xac, 1, 0, 3, 0x68];
        assert_eq!(record[..17], expected);
        assert_eq!(record[19..], [0xfd, 0xf8, 0xf8, 0]);
        assert_eq!(avcc(&stream, &sets[..1]), None, "no set of pictures");
        let unpacked = unpack(Coding::Avc, &record).expect("a record");
        assert_eq!((unpacked.size_bytes, unpacked.size_at), (4, 4));
        assert_eq!(unpacked.sets, sets);
        for end in 0..19 {
            assert_eq!(unpack(Coding::Avc, &record[..end]), None, "{end}");
        }
        let mut again = stream.clone();
        codec::describe(&mut again, "avc1", &record);
        assert_eq!(again.codec_string.as_deref(), Some("avc1.64001f"));
    }

    #[test]
    fn sets_of_hevc_must_be_of_all_three_kinds() {
        let stream = Stream::new(0, StreamKind::Video, Codec::Hevc);
        let general = [1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 93];
        let sequence = [&[0x42, 1, 1][..], &general, &[0xa0; 4]].concat();
        let sets = [vec![0x40, 1, 9], sequence, vec![0x44, 1, 8]];
        let record = hvcc(&stream, &sets).expect("a record");
        assert_eq!(record[1..13], general);
        assert_eq!(record[21..24], [0b1111, 3, 0xa0]);
        assert_eq!(hvcc(&stream, &sets[1..]), None);
        let unpacked = unpack(Coding::Hevc, &record).expect("a record");
        assert_eq!((unpacked.size_bytes, unpacked.size_at), (4, 21));
        assert_eq!(unpacked.sets, sets);
        for end in 0..record.len() {
            assert_eq!(unpack(Coding::Hevc, &record[..end]), None, "{end}");
        }
    }
}
