//! Units between start codes, in a stream that comes in pieces: H.264, HEVC, MPEG-1, 2 and 4, VC-1.

/// Enough of a unit for its head; parameter sets are longer, and wanted whole.
const HEAD_BYTES: usize = 2048;
/// A larger unit is no picture's.
const MAX_UNIT_BYTES: usize = 64 << 20;

/// What stands between two start codes, without them.
#[derive(Debug, Default)]
pub(super) struct Unit {
    /// Its first bytes.
    pub head: Vec<u8>,
    /// Place and size of its parts in the file.
    pub parts: Vec<(u64, u32)>,
    pub size: usize,
    /// The packet that its start code begins in.
    pub packet: usize,
}

impl Unit {
    /// All of its bytes, where they are few.
    pub fn whole(&self) -> Option<&[u8]> {
        (self.size == self.head.len()).then_some(&self.head)
    }

    fn extend(&mut self, offset: u64, bytes: &[u8], keeps_parts: bool) {
        if bytes.is_empty() {
            return;
        }
        let room = HEAD_BYTES.saturating_sub(self.head.len());
        if self.head.len() == self.size {
            self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
        if keeps_parts {
            self.parts.push((offset, bytes.len() as u32));
        }
        self.size += bytes.len();
    }

    /// Takes zeros off its end: they belong to the start code that follows.
    fn trim(&mut self, mut n_bytes: usize) {
        n_bytes = n_bytes.min(self.size);
        self.size -= n_bytes;
        self.head.truncate(self.size);
        while n_bytes > 0 {
            let Some(last) = self.parts.last_mut() else { break };
            let taken = n_bytes.min(last.1 as usize);
            last.1 -= taken as u32;
            n_bytes -= taken;
            if last.1 == 0 {
                self.parts.pop();
            }
        }
    }
}

/// Finds units.
#[derive(Debug)]
pub(super) struct Units {
    keeps_parts: bool,
    open: Option<Unit>,
    /// Zeros at the end of what was read.
    n_zeros: usize,
    /// The packets of the last two bytes that were read: a start code may begin in them.
    last_packets: [usize; 2],
}

impl Units {
    /// `keeps_parts`: whether anybody will read the units, or only look at their heads.
    pub fn new(keeps_parts: bool) -> Self {
        Self { keeps_parts, open: None, n_zeros: 0, last_packets: [0; 2] }
    }

    /// Takes the next piece of the stream, which lies at `offset`; gives the units that end in it.
    pub fn push(&mut self, offset: u64, bytes: &[u8], packet: usize, mut each: impl FnMut(Unit)) {
        let mut from = 0;
        while let Some(one) = self.next_code(bytes, from) {
            let before = &bytes[from..one];
            if let Some(mut unit) = self.open.take() {
                unit.extend(offset + from as u64, before, self.keeps_parts);
                unit.trim(self.n_zeros);
                if unit.size > 0 {
                    each(unit);
                }
            }
            let began = self.last_packets.get(one).copied().unwrap_or(packet);
            self.open = Some(Unit { packet: began, ..Unit::default() });
            self.n_zeros = 0;
            from = one + 1;
        }
        if let Some(unit) = &mut self.open {
            unit.extend(offset + from as u64, &bytes[from..], self.keeps_parts);
            if unit.size > MAX_UNIT_BYTES {
                self.open = None;
            }
        }
        match bytes.len() {
            0 => {}
            1 => self.last_packets = [self.last_packets[1], packet],
            _ => self.last_packets = [packet; 2],
        }
    }

    /// The last unit, when nothing follows.
    pub fn finish(&mut self) -> Option<Unit> {
        let mut unit = self.open.take()?;
        unit.trim(self.n_zeros);
        self.n_zeros = 0;
        (unit.size > 0).then_some(unit)
    }

    /// Where the one of the next start code is, from `from` on. Keeps count of the zeros before it, or at the end.
    fn next_code(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        // Zeros of the piece before may belong to a code that ends here.
        while at < bytes.len() && (at < from + 2 || self.n_zeros > 0) {
            match bytes[at] {
                0 => self.n_zeros += 1,
                1 if self.n_zeros >= 2 => return Some(at),
                _ => self.n_zeros = 0,
            }
            at += 1;
        }
        // Two bytes that are not zero, or the end, lie behind: only every third byte need be looked at.
        while let Some(byte) = bytes.get(at) {
            match byte {
                0 => at += 1,
                1 if bytes[at - 1] == 0 && bytes[at - 2] == 0 => {
                    self.n_zeros = zeros_before(&bytes[from..at]);
                    return Some(at);
                }
                _ => at += 3,
            }
        }
        if bytes.len() > from {
            let n_zeros = zeros_before(&bytes[from..]);
            self.n_zeros =
                if n_zeros == bytes.len() - from { self.n_zeros.max(n_zeros) } else { n_zeros };
        }
        None
    }
}

fn zeros_before(bytes: &[u8]) -> usize {
    bytes.iter().rev().take_while(|it| **it == 0).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_the_same_however_the_stream_is_cut_into_pieces() {
        let bytes: Vec<u8> = [
            &[9, 9, 0, 0, 0, 1, 0x67, 1, 0, 2, 0, 0, 0, 0, 1][..],
            &[0x68, 0, 0, 3, 0, 1, 0, 0, 1, 0x65, 7, 7, 7, 0, 0, 2, 0, 0, 1, 0, 0, 1, 5, 0, 0],
        ]
        .concat();
        let expected: [&[u8]; 4] =
            [&[0x67, 1, 0, 2], &[0x68, 0, 0, 3, 0, 1], &[0x65, 7, 7, 7, 0, 0, 2], &[5]];
        for width in 1..=bytes.len() {
            let mut units = Units::new(true);
            let mut found = Vec::new();
            for (n, piece) in bytes.chunks(width).enumerate() {
                units.push((n * width) as u64, piece, n, |it| found.push(it));
            }
            found.extend(units.finish());
            let begins = [3, 12, 21, 34].map(|it| it / width);
            let packets: Vec<_> = found.iter().map(|it| it.packet).collect();
            assert_eq!(packets, begins, "{width}");
            let heads: Vec<_> = found.iter().map(|it| it.head.as_slice()).collect();
            assert_eq!(heads, expected, "{width}");
            for unit in &found {
                let parts = unit.parts.iter().flat_map(|(offset, size)| {
                    &bytes[*offset as usize..*offset as usize + *size as usize]
                });
                assert_eq!(parts.copied().collect::<Vec<u8>>(), unit.head, "{width}");
            }
        }
    }
}
