//! AAC in LATM: frames that are not aligned to bytes, with their configuration between them.

use super::aac;
use crate::bits::Bits;

/// Sync and length before each frame.
pub(crate) const HEAD_BYTES: usize = 3;

/// The size of the frame that begins here, its head included.
pub(crate) fn frame_size(bytes: &[u8]) -> Option<usize> {
    let &[first, second, third] = bytes.first_chunk::<HEAD_BYTES>()?;
    let size = usize::from(second & 0x1f) << 8 | usize::from(third);
    (first == 0x56 && second & 0xe0 == 0xe0 && size > 0).then_some(HEAD_BYTES + size)
}

/// The frame of AAC in one of LATM, its head included; `None` where it is not the only one in it.
pub(crate) fn unpack(frame: &[u8]) -> Option<Vec<u8>> {
    let mut bits = Bits::new(frame.get(HEAD_BYTES..)?);
    if !bits.bit()? {
        configuration(&mut bits, frame)?;
    }
    let mut size = 0;
    loop {
        let part = bits.take(8)? as usize;
        size += part;
        if part < 255 {
            break;
        }
    }
    let n_read = bits.at();
    let from = HEAD_BYTES + n_read / 8;
    let body = frame.get(from..)?;
    let shift = n_read % 8;
    if shift == 0 {
        return body.get(..size).map(<[u8]>::to_vec);
    }
    let pairs = body.windows(2).take(size);
    let made: Vec<u8> = pairs.map(|it| it[0] << shift | it[1] >> (8 - shift)).collect();
    (made.len() == size).then_some(made)
}

/// The AudioSpecificConfig in a frame that has one.
pub(crate) fn specific(frame: &[u8]) -> Option<Vec<u8>> {
    let mut bits = Bits::new(frame.get(HEAD_BYTES..)?);
    if bits.bit()? {
        return None;
    }
    configuration(&mut bits, frame)
}

/// Reads the configuration of one stream of one layer, all of whose frames come alone; gives the AudioSpecificConfig in it.
fn configuration(bits: &mut Bits<'_>, frame: &[u8]) -> Option<Vec<u8>> {
    // Version 0; the same framing for all; no more than one frame, program and layer.
    if bits.take(1)? != 0 || bits.take(1)? != 1 || bits.take(6)? != 0 || bits.take(7)? != 0 {
        return None;
    }
    let from = bits.at();
    aac::skip_specific(bits)?;
    let specific = copied(frame.get(HEAD_BYTES..)?, from, bits.at())?;
    // Frames of stated size; how full the decoder's buffer is.
    if bits.take(3)? != 0 {
        return None;
    }
    bits.skip(8)?;
    if bits.bit()? {
        // The size of other data, in parts each of which says whether another follows.
        while bits.bit()? {
            bits.skip(8)?;
        }
        bits.skip(8)?;
    }
    if bits.bit()? {
        bits.skip(8)?;
    }
    Some(specific)
}

/// Some bits, from the beginning of a byte on.
fn copied(bytes: &[u8], from: usize, to: usize) -> Option<Vec<u8>> {
    let mut bits = Bits::new(bytes);
    bits.skip(from)?;
    let mut out = Vec::new();
    let mut n_left = to - from;
    while n_left > 0 {
        let width = n_left.min(8);
        out.push((bits.take(width as u32)? << (8 - width)) as u8);
        n_left -= width;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits by text; blanks say nothing.
    fn frame(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.bytes().filter(|it| *it != b' ').map(|it| it - b'0').collect();
        let body = digits
            .chunks(8)
            .map(|it| it.iter().fold(0, |sum, bit| sum << 1 | bit) << (8 - it.len()));
        let body: Vec<u8> = body.collect();
        [vec![0x56, 0xe0, body.len() as u8], body].concat()
    }

    #[test]
    fn frames_are_put_back_on_bytes() {
        // AAC-LC at 48 kHz in stereo, of which the frame has two bytes.
        let config = "0 1 000000 0000 000  00010 0011 0010 000  000 11111111 0 0";
        let with = frame(&format!("0 {config} 00000010 10101010 11001100"));
        let without = frame("1 00000010 10101010 11001100");
        for it in [&with, &without] {
            assert_eq!(frame_size(it), Some(it.len()));
            assert_eq!(unpack(it), Some(vec![0xaa, 0xcc]));
            assert_eq!(unpack(&it[..it.len() - 2]), None, "cut off");
        }
        assert_eq!(specific(&with), Some(vec![0x11, 0x90]));
        assert_eq!(specific(&without), None);
        let two_frames = frame("0 0 1 000001 0000 000");
        assert_eq!(unpack(&two_frames), None);
    }
}
