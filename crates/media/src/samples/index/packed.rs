//! Numbers in as few bytes as they need.

/// Lists longer than this are no index of a film.
const MAX_ITEMS: u64 = 4_000_000;

/// Writes.
#[derive(Default)]
pub(crate) struct Packer {
    pub bytes: Vec<u8>,
}

impl Packer {
    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    pub fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    /// Small numbers of either sign stay small.
    pub fn signed(&mut self, value: i64) {
        self.number(((value << 1) ^ (value >> 63)) as u64);
    }

    pub fn blob(&mut self, blob: &[u8]) {
        self.number(blob.len() as u64);
        self.bytes.extend(blob);
    }

    pub fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        self.number(items.len() as u64);
        for it in items {
            each(self, it);
        }
    }

    /// Pairs of which each is near the one before.
    pub fn pairs(&mut self, pairs: &[(i64, u64)]) {
        let mut last = (0_i64, 0_u64);
        self.list(pairs, |out, it| {
            out.signed(it.0.wrapping_sub(last.0));
            out.signed(it.1.wrapping_sub(last.1) as i64);
            last = *it;
        });
    }
}

/// Reads; `None` where the bytes end or make no sense.
pub(crate) struct Unpacker<'a>(pub &'a [u8]);

impl<'a> Unpacker<'a> {
    pub fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    pub fn signed(&mut self) -> Option<i64> {
        let value = self.number()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    pub fn blob(&mut self) -> Option<&'a [u8]> {
        let size = usize::try_from(self.number()?).ok()?;
        let (blob, rest) = self.0.split_at_checked(size)?;
        self.0 = rest;
        Some(blob)
    }

    pub fn list<T>(&mut self, mut each: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let n_items = self.number().filter(|it| *it <= MAX_ITEMS)?;
        (0..n_items).map(|_| each(self)).collect()
    }

    pub fn pairs(&mut self) -> Option<Vec<(i64, u64)>> {
        let mut last = (0_i64, 0_u64);
        self.list(|it| {
            last.0 = last.0.wrapping_add(it.signed()?);
            last.1 = last.1.wrapping_add(it.signed()? as u64);
            Some(last)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_size_are_read_as_they_were_written() {
        let mut out = Packer::default();
        let pairs = [(i64::MIN, u64::MAX), (i64::MAX, 0), (-1, 1), (0, 1 << 63)];
        out.pairs(&pairs);
        for (value, _) in pairs {
            out.signed(value);
        }
        out.blob(b"blob");
        let mut packed = Unpacker(&out.bytes);
        assert_eq!(packed.pairs().as_deref(), Some(&pairs[..]));
        for (value, _) in pairs {
            assert_eq!(packed.signed(), Some(value));
        }
        assert_eq!(packed.blob(), Some(&b"blob"[..]));
        assert_eq!(packed.number(), None);
    }
}
