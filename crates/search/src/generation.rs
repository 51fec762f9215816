//! Names of indexes: which form of document they hold, and whether they were filled by a rebuild.

/// The form of the documents in an index. A change of fields or folding raises it, and the index is built anew.
pub(crate) const FORM: u32 = 5;

/// An index among those that followed each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Generation {
    form: u32,
    /// Larger is newer.
    pub number: u32,
    /// Whether a rebuild filled it; otherwise it began empty and has only what was written since.
    pub is_complete: bool,
}

impl Generation {
    /// The first of its kind: empty, to be rebuilt.
    pub fn empty(number: u32) -> Self {
        Self { form: FORM, number, is_complete: false }
    }

    /// One for a rebuild to fill.
    pub fn rebuilt(number: u32) -> Self {
        Self { form: FORM, number, is_complete: true }
    }

    pub fn name(self) -> String {
        let state = if self.is_complete { "full" } else { "empty" };
        format!("v{}_{}_{state}", self.form, self.number)
    }

    pub fn parse(name: &str) -> Option<Self> {
        let mut parts = name.split('_');
        let form = parts.next()?.strip_prefix('v')?.parse().ok()?;
        let number = parts.next()?.parse().ok()?;
        let is_complete = match parts.next()? {
            "full" => true,
            "empty" => false,
            _ => return None,
        };
        parts.next().is_none().then_some(Self { form, number, is_complete })
    }

    /// Whether this program can read and write it.
    pub fn is_current_form(self) -> bool {
        self.form == FORM
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_not_ours() {
        for generation in [Generation::empty(1), Generation::rebuilt(42)] {
            assert_eq!(Generation::parse(&generation.name()), Some(generation));
        }
        for name in ["", "v1", "v1_1", "v1_x_full", "v1_1_full_2", "1_1_full", "v1_1_half"] {
            assert_eq!(Generation::parse(name), None, "of {name:?}");
        }
    }
}
