//! Which segments lie on disk, how large they are and which was used longest ago. Pure.

use std::collections::{BTreeSet, HashMap};

use super::name::Name;

#[derive(Debug)]
struct Entry {
    size: u64,
    used_ns: u64,
}

/// The files by their last use.
#[derive(Debug, Default)]
pub(super) struct Order {
    entries: HashMap<Name, Entry>,
    by_use: BTreeSet<(u64, Name)>,
    bytes: u64,
    /// The latest use: two never fall on one moment, whatever the clock does.
    latest_ns: u64,
}

impl Order {
    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether a file of this name is among them.
    pub fn knows(&self, name: &Name) -> bool {
        self.entries.contains_key(name)
    }

    /// A file of this size was written or read.
    pub fn used(&mut self, name: Name, size: u64, now_ns: u64) {
        self.forget(&name);
        self.latest_ns = now_ns.max(self.latest_ns.saturating_add(1));
        self.insert(name, size, self.latest_ns);
    }

    /// A file lies there from before. What is known of it already is the newer truth.
    pub fn found(&mut self, name: Name, size: u64, used_ns: u64) {
        if !self.knows(&name) {
            self.insert(name, size, used_ns);
        }
    }

    /// A file is not there, or not for long.
    pub fn forget(&mut self, name: &Name) {
        if let Some(entry) = self.entries.remove(name) {
            self.by_use.remove(&(entry.used_ns, *name));
            self.bytes -= entry.size;
        }
    }

    /// Takes out the file that was used longest ago; says how large it is.
    pub fn take_oldest(&mut self) -> Option<(Name, u64)> {
        let (_, name) = self.by_use.pop_first()?;
        let entry = self.entries.remove(&name)?;
        self.bytes -= entry.size;
        Some((name, entry.size))
    }

    fn insert(&mut self, name: Name, size: u64, used_ns: u64) {
        self.bytes += size;
        self.by_use.insert((used_ns, name));
        self.entries.insert(name, Entry { size, used_ns });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::of(&[text.as_bytes()])
    }

    #[test]
    fn what_was_used_longest_ago_goes_first() {
        let mut order = Order::default();
        order.used(name("a"), 1, 100);
        order.used(name("b"), 2, 100);
        // The clock was set back.
        order.used(name("c"), 4, 7);
        order.found(name("old"), 8, 50);
        order.found(name("b"), 1000, 1);
        assert_eq!((order.len(), order.bytes()), (4, 15));
        order.used(name("a"), 1, 100);
        order.forget(&name("nobody"));
        let gone: Vec<_> = std::iter::from_fn(|| order.take_oldest()).collect();
        let expected = [("old", 8), ("b", 2), ("c", 4), ("a", 1)];
        assert_eq!(gone, expected.map(|(it, size)| (name(it), size)));
        assert_eq!((order.len(), order.bytes()), (0, 0));
    }
}
