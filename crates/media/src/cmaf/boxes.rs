//! Writing boxes.

/// Bytes that grow.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub fn zeros(&mut self, count: usize) {
        self.0.resize(self.0.len() + count, 0);
    }

    pub fn short(&mut self, value: u16) {
        self.bytes(&value.to_be_bytes());
    }

    pub fn number(&mut self, value: u32) {
        self.bytes(&value.to_be_bytes());
    }

    pub fn long(&mut self, value: u64) {
        self.bytes(&value.to_be_bytes());
    }

    /// A box of this kind around what `body` writes.
    pub fn nest(&mut self, kind: [u8; 4], body: impl FnOnce(&mut Self)) {
        let start = self.len();
        self.number(0);
        self.bytes(&kind);
        body(self);
        self.overwrite(start, (self.len() - start) as u32);
    }

    pub fn overwrite(&mut self, at: usize, value: u32) {
        self.0[at..at + 4].copy_from_slice(&value.to_be_bytes());
    }
}
