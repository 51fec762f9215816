//! Work set apart: the same kinds again for rooms whose doings nobody outside of them is to see. It stands in the same
//! queue under other names, tells nothing of what it does but how far it is, and is listed only where it is asked for.

use serde::{Deserialize, Serialize};

use crate::{Queue, Work};

/// Before the names of kinds that are set apart.
pub(crate) const PREFIX: &str = "c.";

/// The longest name of a kind, its prefix included.
const NAME_MAX: usize = 64;

/// Work of kind `W`, set apart.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Apart<W>(pub W);

impl<W: Work> Apart<W> {
    const NAME: ([u8; NAME_MAX], usize) = joined(PREFIX.as_bytes(), W::KIND.as_bytes());
}

impl<W: Work> Work for Apart<W> {
    const KIND: &'static str = match std::str::from_utf8(Self::NAME.0.split_at(Self::NAME.1).0) {
        Ok(name) => name,
        Err(_) => panic!("two strings make one"),
    };
    const QUEUE: Queue = W::QUEUE;
    const TIMEOUT: std::time::Duration = W::TIMEOUT;
    const MAX_ATTEMPTS: u16 = W::MAX_ATTEMPTS;
    const IS_HEAVY: bool = W::IS_HEAVY;
    const ONE_PER: Option<&'static str> = W::ONE_PER;

    fn unique_key(&self) -> Option<String> {
        self.0.unique_key()
    }
}

/// One behind the other, and how long both are. A name that is too long does not compile.
const fn joined(first: &[u8], second: &[u8]) -> ([u8; NAME_MAX], usize) {
    let mut name = [0; NAME_MAX];
    let mut n = 0;
    while n < first.len() + second.len() {
        name[n] = if n < first.len() { first[n] } else { second[n - first.len()] };
        n += 1;
    }
    (name, n)
}

/// Whether work of this kind is set apart.
pub(crate) fn is_apart(kind: &str) -> bool {
    kind.starts_with(PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::Envelope;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Sweep;

    impl Work for Sweep {
        const KIND: &'static str = "test.sweep";
    }

    #[test]
    fn work_set_apart_has_another_name_and_the_same_arguments() {
        assert_eq!(Apart::<Sweep>::KIND, "c.test.sweep");
        assert!(is_apart(Apart::<Sweep>::KIND) && !is_apart(Sweep::KIND) && !is_apart("catalog.x"));
        let sealed = Envelope::<Sweep>::seal(&Sweep).expect("plain JSON").apart();
        assert_eq!(serde_json::to_string(&sealed).expect("plain JSON"), "{}");
        assert_eq!(sealed.open().expect("our own JSON").0, Sweep);
    }
}
