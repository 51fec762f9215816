//! What content the server knows: one line a kind.

use catalog::kind::Kind;

/// Every content kind. A new one is one more line here.
pub static KINDS: &[&Kind] = &[&movies::KIND, &shows::KIND];

/// The kinds of the adult catalog, which is another spine in another schema.
pub static ADULT_KINDS: &[&Kind] = &[&adult::KIND];
