//! Linear PCM as discs pack it, unpacked to samples one behind the other, the highest byte first, channels in the order of WAVE.

/// What is known of PCM by the head of its packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Packing {
    kind: Kind,
    pub channels: u16,
    /// As stated: 16, 20 or 24.
    pub bits: u8,
    pub rate: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Dvd,
    /// With the number of the layout of channels.
    Bluray(u8),
}

/// Bytes before the samples in a packet of a DVD.
pub(crate) const DVD_HEAD_BYTES: usize = 3;
/// The same on a Blu-ray.
pub(crate) const BLURAY_HEAD_BYTES: usize = 4;
/// Channels of Blu-ray's layouts by number.
const CHANNELS: [u16; 12] = [0, 1, 0, 2, 3, 3, 4, 4, 5, 6, 7, 8];

impl Packing {
    /// By the three bytes before the samples of a DVD's packet.
    pub fn dvd(head: &[u8]) -> Option<Self> {
        let format = *head.get(1)?;
        let bits = *[16, 20, 24].get(usize::from(format >> 6))?;
        let rate = [48_000, 96_000, 44_100, 32_000][usize::from(format >> 4 & 3)];
        Some(Self { kind: Kind::Dvd, channels: u16::from(format & 7) + 1, bits, rate })
    }

    /// By the four bytes before the samples of a Blu-ray's packet.
    pub fn bluray(head: &[u8]) -> Option<Self> {
        let (format, depth) = (*head.get(2)?, *head.get(3)?);
        let channels = *CHANNELS.get(usize::from(format >> 4)).filter(|it| **it > 0)?;
        let rate = match format & 0xf {
            1 => 48_000,
            4 => 96_000,
            5 => 192_000,
            _ => return None,
        };
        let bits = *[16, 20, 24].get(usize::from(depth >> 6).checked_sub(1)?)?;
        Some(Self { kind: Kind::Bluray(format >> 4), channels, bits, rate })
    }

    /// Bytes of the fewest samples that can be unpacked, and how many of each channel they are.
    pub fn block(self) -> (usize, i64) {
        let (channels, bits) = (usize::from(self.channels), usize::from(self.bits));
        match (self.kind, bits) {
            // Channels come in pairs, and samples in whole bytes.
            (Kind::Bluray(_), _) => (channels.next_multiple_of(2) * bits.div_ceil(8), 1),
            (Kind::Dvd, 16) => (channels * 2, 1),
            // Groups of four: their upper halves first, then what is left of each.
            (Kind::Dvd, _) => match channels {
                1 | 2 | 4 => (4 * bits / 8, 4 / channels as i64),
                8 => (8 * bits / 8, 1),
                _ => (4 * channels * bits / 8, 4),
            },
        }
    }

    /// Bytes of a second as they are packed.
    pub fn bytes_per_second(self) -> u32 {
        let (n_bytes, n_samples) = self.block();
        (u64::from(self.rate) * n_bytes as u64 / n_samples.max(1) as u64) as u32
    }

    /// Whether samples lie in the file as they are unpacked.
    pub fn is_plain(self) -> bool {
        match self.kind {
            Kind::Dvd => self.bits == 16,
            Kind::Bluray(layout) => matches!(layout, 3 | 6 | 7),
        }
    }

    /// The samples of whole blocks.
    pub fn unpack(self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len() * 6 / 5 + 1);
        match self.kind {
            Kind::Dvd if self.bits == 16 => out.extend(bytes),
            Kind::Dvd => {
                let n_grouped = if self.channels == 1 { 2 } else { 4 };
                let n_low = if self.bits == 20 { n_grouped / 2 } else { n_grouped };
                for group in bytes.chunks_exact(n_grouped * 2 + n_low) {
                    let (high, low) = group.split_at(n_grouped * 2);
                    for (n, high) in high.chunks_exact(2).enumerate() {
                        let low = match (self.bits, n & 1) {
                            (24, _) => low[n],
                            (_, 0) => low[n / 2] & 0xf0,
                            _ => low[n / 2] << 4,
                        };
                        out.extend([high[0], high[1], low]);
                    }
                }
            }
            Kind::Bluray(layout) => {
                let width = usize::from(self.bits).div_ceil(8);
                let places = order(layout);
                for frame in bytes.chunks_exact(self.block().0) {
                    for place in places {
                        out.extend(&frame[place * width..][..width]);
                    }
                }
            }
        }
        out
    }
}

/// Where on a Blu-ray each channel stands that WAVE counts.
fn order(layout: u8) -> &'static [usize] {
    match layout {
        1 => &[0],
        3 => &[0, 1],
        4 | 5 => &[0, 1, 2],
        6 | 7 => &[0, 1, 2, 3],
        8 => &[0, 1, 2, 3, 4],
        // Low frequencies come last there, and the sides before the back.
        9 => &[0, 1, 2, 5, 3, 4],
        10 => &[0, 1, 2, 4, 5, 3, 6],
        _ => &[0, 1, 2, 7, 4, 5, 3, 6],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_dvds_are_put_together() {
        // 24 bit, 48 kHz, stereo.
        let packing = Packing::dvd(&[0, 0x81, 0x80]).expect("a head");
        assert_eq!((packing.block(), packing.bytes_per_second()), ((12, 2), 288_000));
        let group = [1, 2, 11, 12, 21, 22, 31, 32, 3, 13, 23, 33];
        assert_eq!(packing.unpack(&group), [1, 2, 3, 11, 12, 13, 21, 22, 23, 31, 32, 33]);
        // 20 bit, mono.
        let packing = Packing::dvd(&[0, 0x40, 0x80]).expect("a head");
        assert_eq!(packing.block(), (10, 4));
        let group = [1, 2, 11, 12, 0x3a, 21, 22, 31, 32, 0x5b];
        assert_eq!(packing.unpack(&group), [1, 2, 0x30, 11, 12, 0xa0, 21, 22, 0x50, 31, 32, 0xb0]);
        assert_eq!(Packing::dvd(&[0, 0xc0, 0]), None);
    }

    #[test]
    fn channels_of_blu_rays_are_put_in_order() {
        // 5.1 of 16 bit at 48 kHz.
        let packing = Packing::bluray(&[0, 0, 0x91, 0x40]).expect("a head");
        assert_eq!(packing.block(), (12, 1));
        let frame: Vec<u8> = (0..12).collect();
        assert_eq!(packing.unpack(&frame), [0, 1, 2, 3, 4, 5, 10, 11, 6, 7, 8, 9]);
        // One channel, and one that is empty beside it.
        let packing = Packing::bluray(&[0, 0, 0x11, 0xc0]).expect("a head");
        assert_eq!((packing.bits, packing.unpack(&[1, 2, 3, 0, 0, 0])), (24, vec![1, 2, 3]));
        assert_eq!(Packing::bluray(&[0, 0, 0x21, 0x40]), None);
    }
}
