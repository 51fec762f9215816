//! NAL units of H.264 and HEVC, in both wrappings.

/// How the units of a frame are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// By start codes, as in transport streams and AVI.
    StartCodes,
    /// By a length of this many bytes before each, as in MP4 and Matroska.
    Lengths(u8),
}

/// Units of one frame that are looked at: parameter sets and messages come before the first slice.
const MAX_UNITS: usize = 64;

/// NAL units between start codes `00 00 01`.
pub(crate) fn annex_b(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = after_start_code(bytes);
    std::iter::from_fn(move || {
        let begin = rest?;
        let next = after_start_code(begin);
        // The code is three bytes; what precedes it belongs to this unit.
        let size = next.map_or(begin.len(), |it| begin.len() - it.len() - 3);
        rest = next;
        Some(&begin[..size])
    })
}

fn after_start_code(bytes: &[u8]) -> Option<&[u8]> {
    let mut at = 2;
    loop {
        // Only every third byte need be looked at: a one may end a code, a zero may be inside one.
        match *bytes.get(at)? {
            0 => at += 1,
            1 if bytes[at - 1] == 0 && bytes[at - 2] == 0 => return Some(&bytes[at + 1..]),
            _ => at += 3,
        }
    }
}

/// The units of a frame. The last one may be cut off by the end of what was read.
pub(crate) fn units(frame: &[u8], framing: Framing) -> impl Iterator<Item = &[u8]> {
    let mut by_code = (framing == Framing::StartCodes).then(|| annex_b(frame));
    let mut rest = frame;
    std::iter::from_fn(move || {
        if let Some(units) = &mut by_code {
            return units.next();
        }
        let Framing::Lengths(width) = framing else { return None };
        let (length, after) = rest.split_at_checked(usize::from(width))?;
        let length = length.iter().fold(0_usize, |sum, it| sum << 8 | usize::from(*it));
        let (unit, after) = after.split_at(length.min(after.len()));
        rest = after;
        (!unit.is_empty()).then_some(unit)
    })
    .take(MAX_UNITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_told_apart_by_code_or_by_length() {
        let by_code = [0, 0, 0, 1, 9, 16, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68];
        let by_length = [0, 2, 9, 16, 0, 3, 0x67, 1, 2, 0, 1, 0x68];
        let expected: [&[u8]; 3] = [&[9, 16], &[0x67, 1, 2], &[0x68]];
        assert_eq!(units(&by_code, Framing::StartCodes).collect::<Vec<_>>(), expected);
        assert_eq!(units(&by_length, Framing::Lengths(2)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_unit_that_is_cut_off_is_given_as_far_as_it_goes() {
        assert_eq!(units(&[0, 9, 1, 2], Framing::Lengths(2)).collect::<Vec<_>>(), [[1, 2]]);
        assert_eq!(units(&[0, 0, 1], Framing::StartCodes).collect::<Vec<_>>(), [[0_u8; 0]]);
        assert_eq!(units(&[0, 0], Framing::StartCodes).count(), 0);
        assert_eq!(units(&[], Framing::Lengths(4)).count(), 0);
    }
}
