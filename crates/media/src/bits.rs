//! A reader of bits, for parameter sets. Reading past the end gives `None`, never a panic.

/// Reads bits, most significant first.
pub(crate) struct Bits<'a> {
    bytes: &'a [u8],
    /// Position in bits.
    at: usize,
}

impl<'a> Bits<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bits were read.
    pub fn at(&self) -> usize {
        self.at
    }

    pub fn bit(&mut self) -> Option<bool> {
        let byte = *self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    /// Up to 32 bits as a number.
    pub fn take(&mut self, n: u32) -> Option<u32> {
        (0..n).try_fold(0_u32, |value, _| Some(value << 1 | u32::from(self.bit()?)))
    }

    pub fn skip(&mut self, n: usize) -> Option<()> {
        self.at = self.at.checked_add(n)?;
        (self.at <= self.bytes.len() * 8).then_some(())
    }

    /// An unsigned Exp-Golomb number, `ue(v)`.
    pub fn ue(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.bit()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1_u32 << zeros) - 1 + self.take(zeros)?)
    }

    /// A signed Exp-Golomb number, `se(v)`.
    pub fn se(&mut self) -> Option<i32> {
        let value = i64::from(self.ue()?);
        Some(if value % 2 == 0 { -(value / 2) } else { value / 2 + 1 } as i32)
    }
}

/// A NAL unit's payload without its emulation-prevention bytes (`00 00 03` means `00 00`).
pub(crate) fn unescape(nal: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(nal.len());
    let mut zeros = 0;
    for &byte in nal {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    out
}

/// The opposite: whatever would be taken for a start code is kept apart.
pub(crate) fn escape(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 16);
    let mut zeros = 0;
    for &byte in payload {
        if zeros >= 2 && byte <= 3 {
            out.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    if zeros >= 2 {
        out.push(3);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_golomb_numbers_read_as_the_standard_lists_them() {
        // 1 | 010 | 011 | 00100 | 00101
        let bytes = [0b1010_0110, 0b0100_0010, 0b1000_0000];
        let mut bits = Bits::new(&bytes);
        assert_eq!(
            [bits.ue(), bits.ue(), bits.ue(), bits.ue(), bits.ue()],
            [0, 1, 2, 3, 4].map(Some)
        );
        let mut bits = Bits::new(&bytes);
        assert_eq!(
            [bits.se(), bits.se(), bits.se(), bits.se(), bits.se()],
            [0, 1, -1, 2, -2].map(Some)
        );
    }

    #[test]
    fn bits_beyond_the_end_are_none() {
        let mut bits = Bits::new(&[0]);
        assert_eq!(bits.ue(), None);
        assert_eq!(Bits::new(&[1]).take(9), None);
        assert_eq!(Bits::new(&[1]).skip(9), None);
    }

    #[test]
    fn emulation_prevention_is_taken_out_once_per_pair_of_zeros() {
        assert_eq!(unescape(&[0, 0, 3, 1, 0, 0, 3, 0, 0, 3, 3]), [0, 0, 1, 0, 0, 0, 0, 3]);
    }

    #[test]
    fn what_was_escaped_is_found_again() {
        let payload = [0, 0, 0, 0, 1, 7, 0, 0, 3, 9, 0, 0];
        let escaped = escape(&payload);
        assert_eq!(escaped, [0, 0, 3, 0, 0, 3, 1, 7, 0, 0, 3, 3, 9, 0, 0, 3]);
        assert_eq!(unescape(&escaped), payload);
    }
}
