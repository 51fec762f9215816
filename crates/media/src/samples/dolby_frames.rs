//! Dolby Digital's own frame headers, from which MP4's `dac3` and `dec3` are made.

use crate::bits::Bits;

/// The body of `dac3` for a stream that begins with this frame.
pub(super) fn dac3(frame: &[u8]) -> Option<Vec<u8>> {
    let mut bits = Bits::new(frame);
    if bits.take(16)? != 0x0b77 {
        return None;
    }
    bits.skip(16)?;
    let (rate, size, id, mode) = (bits.take(2)?, bits.take(6)?, bits.take(5)?, bits.take(3)?);
    let channels = bits.take(3)?;
    // Mix levels stand in front of the low-frequency flag, each only where there is such a channel.
    if channels & 1 == 1 && channels != 1 {
        bits.skip(2)?;
    }
    if channels & 4 != 0 {
        bits.skip(2)?;
    }
    if channels == 2 {
        bits.skip(2)?;
    }
    let low = u32::from(bits.bit()?);
    let packed = rate << 22 | id << 17 | mode << 14 | channels << 11 | low << 10 | (size >> 1) << 5;
    (id <= 10).then(|| packed.to_be_bytes()[1..].to_vec())
}

/// One frame of Dolby Digital Plus, as far as `dec3` asks.
struct Frame {
    is_dependent: bool,
    n_bytes: usize,
    rate: u32,
    n_blocks: u32,
    id: u32,
    channels: u32,
    low: u32,
    locations: u32,
}

/// The body of `dec3` for a stream whose first packet this is, and the samples of sound in a packet.
pub(super) fn dec3(packet: &[u8]) -> Option<(Vec<u8>, u32)> {
    let first = frame(packet)?;
    if first.is_dependent {
        return None;
    }
    let (mut at, mut n_dependent, mut locations) = (first.n_bytes, 0, 0);
    while let Some(next) = packet.get(at..).and_then(frame).filter(|it| it.is_dependent) {
        n_dependent += 1;
        locations |= next.locations;
        at += next.n_bytes;
    }
    let hz = [48_000, 44_100, 32_000].get(first.rate as usize).copied().unwrap_or(48_000);
    let n_samples = 256 * first.n_blocks;
    let kbps = (at as u64 * 8 * hz / u64::from(n_samples) / 1000).min(0x1fff) as u32;
    let mut body = (kbps << 3).to_be_bytes()[2..].to_vec();
    let head = first.rate << 14 | first.id << 9 | first.channels << 1 | first.low;
    body.extend_from_slice(&(head as u16).to_be_bytes());
    if n_dependent > 0 {
        body.extend_from_slice(&((n_dependent << 9 | locations) as u16).to_be_bytes());
    } else {
        body.push(0);
    }
    Some((body, n_samples))
}

fn frame(bytes: &[u8]) -> Option<Frame> {
    let mut bits = Bits::new(bytes);
    if bits.take(16)? != 0x0b77 {
        return None;
    }
    let (kind, _substream, size) = (bits.take(2)?, bits.take(3)?, bits.take(11)?);
    let rate = bits.take(2)?;
    let code = bits.take(2)?;
    let n_blocks = if rate == 3 { 6 } else { [1, 2, 3, 6][code as usize] };
    let (channels, low, id) = (bits.take(3)?, bits.take(1)?, bits.take(5)?);
    bits.skip(5)?;
    if bits.bit()? {
        bits.skip(8)?;
    }
    if channels == 0 {
        bits.skip(5)?;
        if bits.bit()? {
            bits.skip(8)?;
        }
    }
    let is_dependent = kind == 1;
    let map = if is_dependent && bits.bit()? { bits.take(16)? } else { 0 };
    let n_bytes = (size as usize + 1) * 2;
    (id > 10).then_some(Frame {
        is_dependent,
        n_bytes,
        rate,
        n_blocks,
        id,
        channels,
        low,
        locations: locations(map),
    })
}

/// `dec3` names places of speakers by nine bits, the frame by sixteen in another order.
fn locations(map: u32) -> u32 {
    const PAIRS: [(u32, u32); 9] =
        [(5, 0), (6, 1), (7, 2), (8, 3), (9, 4), (10, 5), (11, 6), (12, 7), (15, 8)];
    PAIRS.iter().map(|(from, to)| (map >> (15 - from) & 1) << to).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_of_5_1_at_448_kbps_gives_its_box() {
        // fscod 0, frmsizecod 30; bsid 8, bsmod 0; acmod 7, two mix levels, lfe.
        let frame = [0x0b, 0x77, 0, 0, 30, 8 << 3, 0b1110_0001, 0];
        assert_eq!(dac3(&frame), Some(vec![0x10, 0x3d, 0xe0]));
        assert_eq!(dac3(&frame[..5]), None);
        assert_eq!(dac3(&[0; 16]), None);
    }

    #[test]
    fn a_dependent_frame_adds_its_speakers() {
        // Independent: strmtyp 0, 64 bytes, 6 blocks, 5.1, bsid 16.
        let mut packet = vec![0x0b, 0x77, 0, 31, 0b0011_1111, 16 << 3, 0, 0];
        packet.resize(64, 0);
        assert_eq!(dec3(&packet).map(|it| it.1), Some(1536));
        // Dependent: strmtyp 1, stereo, chanmap with the back surrounds.
        packet.extend([
            0x0b,
            0x77,
            0b0100_0000,
            31,
            0b0011_0100,
            16 << 3,
            0b0001_0000,
            0b0010_0000,
        ]);
        packet.resize(128, 0);
        let (body, _) = dec3(&packet).expect("two frames");
        assert_eq!(body.len(), 6);
        assert_eq!(body[4..], [0b10, 0b10], "one dependent frame, back surrounds");
    }
}
