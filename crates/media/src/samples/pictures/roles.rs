//! What a unit is to the pictures around it, by its head.

use super::Coding;
use crate::codec::avc::{self, Field};

/// What a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It stands before a picture.
    Ahead {
        /// It is a parameter set.
        is_set: bool,
        /// It belongs into the sample.
        is_kept: bool,
    },
    /// A picture, or half of one, begins with it.
    Picture { is_key: bool, is_between: bool, is_idr: bool, order: Option<u32>, half: Option<Half> },
    /// More of the picture.
    Slice,
    /// More of the picture: which half it is, and whether its first field is shown again behind both.
    Half { structure: u8, is_repeated: bool },
    /// It follows whatever was there.
    Behind,
    /// Nobody misses it.
    Waste,
}

/// What tells whether two fields are one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Half {
    /// Both have the same.
    pub number: u32,
    /// 1 top, 2 bottom, 3 a whole frame, 0 not yet known.
    pub structure: u8,
}

impl Half {
    /// Whether a half that comes behind `first` completes it.
    pub fn goes_with(self, first: Self) -> bool {
        self.number == first.number
            && matches!(first.structure, 1 | 2)
            && (self.structure == 0 || self.structure == 3 - first.structure)
    }
}

const KEPT: Role = Role::Ahead { is_set: false, is_kept: true };
const SET: Role = Role::Ahead { is_set: true, is_kept: true };
const DELIMITER: Role = Role::Ahead { is_set: false, is_kept: false };

/// The parameters of the sequence, if the unit is that set.
pub(super) fn sequence(unit: &[u8]) -> Option<avc::Sequence> {
    (unit.first()? & 0x1f == 7).then(|| avc::read_sequence(unit))?
}

pub(super) fn of(coding: Coding, head: &[u8], sequence: Option<&avc::Sequence>) -> Role {
    let Some(&first) = head.first() else { return Role::Waste };
    match coding {
        Coding::Avc => avc(first, head, sequence),
        Coding::Hevc => hevc(first, head),
        Coding::Mpeg2 => mpeg2(first, head),
        Coding::Mpeg4 => mpeg4(first, head),
        Coding::Vc1 => match first {
            0x0e | 0x0f => SET,
            0x0d => picture(false, false, None),
            _ => Role::Behind,
        },
    }
}

fn picture(is_key: bool, is_between: bool, half: Option<Half>) -> Role {
    Role::Picture { is_key, is_between, is_idr: false, order: None, half }
}

fn avc(first: u8, head: &[u8], sequence: Option<&avc::Sequence>) -> Role {
    match first & 0x1f {
        1 | 2 | 5 => {
            let Some(slice) = avc::slice_head(head, sequence) else { return Role::Waste };
            if !slice.is_first {
                return Role::Slice;
            }
            let half = slice.field.zip(slice.frame_number).map(|(field, number)| Half {
                number,
                structure: if field == Field::Top { 1 } else { 2 },
            });
            Role::Picture {
                is_key: slice.is_idr || slice.is_intra,
                is_between: false,
                is_idr: slice.is_idr,
                order: slice.order,
                half,
            }
        }
        3 | 4 | 19 => Role::Slice,
        7 | 8 => SET,
        6 | 13 | 15..=18 => KEPT,
        9 => DELIMITER,
        // Ends of sequences, filling, and a second view.
        _ => Role::Waste,
    }
}

fn hevc(first: u8, head: &[u8]) -> Role {
    let Some(&[_, second, third]) = head.first_chunk() else { return Role::Waste };
    if first & 1 != 0 || second >> 3 != 0 {
        return Role::Waste;
    }
    match first >> 1 & 0x3f {
        kind @ 0..=31 => {
            if third & 0x80 == 0 {
                return Role::Slice;
            }
            let is_key = (16..=23).contains(&kind);
            Role::Picture {
                is_key,
                is_between: false,
                is_idr: matches!(kind, 19 | 20),
                order: None,
                half: None,
            }
        }
        32..=34 => SET,
        35 => DELIMITER,
        39 | 41..=44 | 48..=55 => KEPT,
        // Ends of sequences, filling, and the second layer of Dolby Vision.
        36..=38 | 63 => Role::Waste,
        _ => Role::Behind,
    }
}

fn mpeg2(first: u8, head: &[u8]) -> Role {
    match first {
        0x00 => {
            let Some(&[_, high, low]) = head.first_chunk() else { return Role::Waste };
            let number = u32::from(high) << 2 | u32::from(low >> 6);
            let kind = low >> 3 & 7;
            Role::Picture {
                is_key: kind == 1,
                is_between: kind == 3,
                is_idr: false,
                order: Some(number),
                half: Some(Half { number, structure: 0 }),
            }
        }
        0x01..=0xaf => Role::Slice,
        // Which half a picture is stands in its extension.
        0xb5 if head.get(1).is_some_and(|it| it >> 4 == 8) => Role::Half {
            structure: head.get(3).map_or(3, |it| it & 3),
            is_repeated: head.get(4).is_some_and(|it| it & 2 != 0),
        },
        // The extension of a sequence follows its header.
        0xb5 if head.get(1).is_some_and(|it| it >> 4 == 1) => SET,
        0xb3 => SET,
        0xb8 => KEPT,
        _ => Role::Behind,
    }
}

fn mpeg4(first: u8, head: &[u8]) -> Role {
    match first {
        0xb6 => {
            let kind = head.get(1).map_or(1, |it| it >> 6);
            picture(kind == 0, kind == 2, None)
        }
        0x00..=0x2f | 0xb0 | 0xb5 => SET,
        0xb2 | 0xb3 => KEPT,
        _ => Role::Behind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_known_by_their_heads() {
        let table: [(Coding, &[u8], Role); 16] = [
            (Coding::Avc, &[0x09, 0x10], DELIMITER),
            (Coding::Avc, &[0x67, 100, 0, 31], SET),
            (Coding::Avc, &[0x06, 5], KEPT),
            (Coding::Avc, &[0x0c, 0xff], Role::Waste),
            // First macroblock 1.
            (Coding::Avc, &[0x41, 0b0100_1000], Role::Slice),
            (Coding::Hevc, &[0x46, 1, 0x10], DELIMITER),
            (Coding::Hevc, &[0x40, 1, 0x0c], SET),
            (Coding::Hevc, &[0x02, 1, 0x10], Role::Slice),
            (Coding::Hevc, &[0x41, 1, 0x80], Role::Waste),
            (Coding::Mpeg2, &[0xb3, 0, 0, 0], SET),
            (Coding::Mpeg2, &[0x17, 0, 0, 0], Role::Slice),
            (
                Coding::Mpeg2,
                &[0xb5, 0x8f, 0xff, 0xf3, 0x42],
                Role::Half { structure: 3, is_repeated: true },
            ),
            (Coding::Mpeg4, &[0xb6, 0x10], picture(true, false, None)),
            (Coding::Mpeg4, &[0xb6, 0x90], picture(false, true, None)),
            (Coding::Vc1, &[0x0e, 0x48], SET),
            (Coding::Vc1, &[0x0d, 0xb4], picture(false, false, None)),
        ];
        for (coding, head, expected) in table {
            assert_eq!(of(coding, head, None), expected, "{coding:?} {head:?}");
        }
        let is_key = |coding, head: &[u8]| {
            matches!(of(coding, head, None), Role::Picture { is_key: true, .. })
        };
        assert!(is_key(Coding::Avc, &[0x65, 0x88]));
        assert!(is_key(Coding::Avc, &[0x41, 0b1011_0000]), "an I slice");
        assert!(!is_key(Coding::Avc, &[0x41, 0b1110_0000]), "a P slice");
        assert!(is_key(Coding::Hevc, &[0x2a, 1, 0xac]), "open groups begin with such pictures");
        assert!(is_key(Coding::Mpeg2, &[0, 0, 0x0f]));
    }

    #[test]
    fn the_halves_of_a_frame_are_opposite_and_share_a_number() {
        let half = |number, structure| Half { number, structure };
        assert!(half(3, 2).goes_with(half(3, 1)));
        assert!(half(3, 0).goes_with(half(3, 1)), "what is not known yet");
        assert!(!half(3, 1).goes_with(half(3, 1)));
        assert!(!half(4, 2).goes_with(half(3, 1)));
        assert!(!half(3, 0).goes_with(half(3, 3)), "a whole frame");
    }
}
