//! The numbers that slices carry: which frame of its sequence it is, and where in the order of showing.

use super::{NAL_IDR_SLICE, NAL_SLICE, nal_type, recorded_sps, sequence};
use crate::bits::{Bits, escape, unescape};
use crate::codec::nal::{Framing, units};
use crate::stream::{Codec, Stream, StreamKind};

/// Between two frames in the order of showing: each may have two fields.
const STEP: u32 = 2;

/// Numbers frames anew that follow each other without those that lay between.
pub(crate) struct Numbers {
    frames_only: bool,
    plane_bits: usize,
    frame_number_bits: u32,
    order_bits: Option<u32>,
    /// How many frames came since one that begins a sequence.
    n_frames: u32,
    /// Where that one stands in the order.
    begins_at: u32,
}

/// Where the numbers of a slice stand, in bits.
struct Place {
    frame_number: usize,
    order: Option<usize>,
}

impl Numbers {
    /// By the record that describes the stream.
    pub fn new(config: &[u8]) -> Option<Self> {
        let mut stream = Stream::new(0, StreamKind::Video, Codec::H264);
        let sequence = sequence(&mut stream, recorded_sps(config)?)?;
        let order_bits = (sequence.order_kind == 0).then_some(sequence.order_bits);
        let widths = [Some(sequence.frame_number_bits), order_bits];
        // The standard knows no wider ones.
        if widths.iter().flatten().any(|it| *it > 16) {
            return None;
        }
        Some(Self {
            frames_only: sequence.frames_only,
            plane_bits: if sequence.has_separate_planes { 2 } else { 0 },
            frame_number_bits: sequence.frame_number_bits,
            order_bits,
            n_frames: 0,
            begins_at: 0,
        })
    }

    /// The frame as the one behind those that came before; `None` of one that begins a sequence, or that is not understood.
    pub fn frame(&mut self, frame: &[u8], framing: Framing) -> Option<Vec<u8>> {
        let Framing::Lengths(width) = framing else { return None };
        let width = usize::from(width);
        if let Some(first) = units(frame, framing).find(|it| nal_type(it) == Some(NAL_IDR_SLICE)) {
            let payload = unescape(first);
            let order = self.place(&payload)?.order;
            self.n_frames = 0;
            self.begins_at = match (order, self.order_bits) {
                (Some(at), Some(bits)) => number_at(&payload, at, bits)?,
                _ => 0,
            };
            return None;
        }
        self.n_frames += 1;
        let mut made = Vec::with_capacity(frame.len() + 64);
        let mut first_order = None;
        for unit in units(frame, framing) {
            let changed = match nal_type(unit) {
                Some(NAL_SLICE) => escape(&self.slice(unescape(unit), &mut first_order)?),
                _ => unit.to_vec(),
            };
            let length = u32::try_from(changed.len()).ok()?.to_be_bytes();
            // A length that needs more bytes than there are cannot be written.
            if length.iter().take(4 - width).any(|it| *it != 0) {
                return None;
            }
            made.extend(length.get(4 - width..)?);
            made.extend(changed);
        }
        Some(made)
    }

    fn slice(&self, mut payload: Vec<u8>, first_order: &mut Option<u32>) -> Option<Vec<u8>> {
        let place = self.place(&payload)?;
        set_number(&mut payload, place.frame_number, self.frame_number_bits, self.n_frames)?;
        if let (Some(at), Some(bits)) = (place.order, self.order_bits) {
            let old = number_at(&payload, at, bits)?;
            // The second field of a frame stays behind its first.
            let within = old.wrapping_sub(*first_order.get_or_insert(old));
            let new = self.begins_at + self.n_frames.wrapping_mul(STEP);
            set_number(&mut payload, at, bits, new.wrapping_add(within))?;
        }
        Some(payload)
    }

    /// Where the numbers stand in a unit without its emulation prevention.
    fn place(&self, unit: &[u8]) -> Option<Place> {
        let is_idr = nal_type(unit) == Some(NAL_IDR_SLICE);
        let mut bits = Bits::new(unit);
        bits.skip(8)?;
        for _ in 0..3 {
            bits.ue()?;
        }
        bits.skip(self.plane_bits)?;
        let frame_number = bits.at();
        bits.skip(self.frame_number_bits as usize)?;
        if !self.frames_only && bits.bit()? {
            bits.skip(1)?;
        }
        if is_idr {
            bits.ue()?;
        }
        Some(Place { frame_number, order: self.order_bits.map(|_| bits.at()) })
    }
}

fn number_at(bytes: &[u8], at: usize, width: u32) -> Option<u32> {
    let mut bits = Bits::new(bytes);
    bits.skip(at)?;
    bits.take(width)
}

/// Writes the lower bits of a number.
fn set_number(bytes: &mut [u8], at: usize, width: u32, number: u32) -> Option<()> {
    for bit in 0..width {
        let place = at + bit as usize;
        let byte = bytes.get_mut(place / 8)?;
        let mask = 0x80 >> (place % 8);
        if number >> (width - 1 - bit) & 1 == 1 { *byte |= mask } else { *byte &= !mask }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_where_they_stand() {
        let mut bytes = [0xff, 0, 0xff];
        set_number(&mut bytes, 6, 5, 0b0_1010).expect("there is room");
        assert_eq!(bytes, [0xfd, 0b0100_0000, 0xff]);
        assert_eq!(number_at(&bytes, 6, 5), Some(0b0_1010));
        assert_eq!(set_number(&mut bytes, 22, 5, 1), None);
    }

    #[test]
    fn frames_are_numbered_behind_the_one_that_begins() {
        let numbers = || Numbers {
            frames_only: true,
            plane_bits: 0,
            frame_number_bits: 4,
            order_bits: Some(4),
            n_frames: 0,
            begins_at: 0,
        };
        // Three numbers of one bit, the frame's number; of the first its id, and the place in the order.
        let first: &[u8] = &[0, 3, 0x65, 0b1110_0001, 0b0100_1111];
        let other: &[u8] = &[0, 3, 0x61, 0b1111_0100, 0b1001_1111];
        let two = Framing::Lengths(2);
        let mut it = numbers();
        assert_eq!(it.frame(first, two), None);
        assert_eq!(it.begins_at, 0b0100);
        let next = it.frame(other, two).expect("numbered");
        assert_eq!(next, [0, 3, 0x61, 0b1110_0010, 0b1101_1111]);
        let next = it.frame(other, two).expect("numbered");
        assert_eq!(next, [0, 3, 0x61, 0b1110_0101, 0b0001_1111]);
        assert_eq!(numbers().frame(&[0, 1, 0x61], two), None, "cut off");
    }
}
