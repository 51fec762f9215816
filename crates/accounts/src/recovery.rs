//! Codes on paper, for whoever lost their second factor: each opens once.

use data_encoding::BASE32_NOPAD;
use kernel::Rng;
use kernel::id::PersonId;
use sha2::{Digest as _, Sha256};

/// How many are made at once.
pub const COUNT: usize = 10;

/// Random bytes of each: no fast hash of 80 bits is guessed.
const BYTES: usize = 10;

/// New codes, four groups of four letters and digits each.
pub fn make(rng: &Rng) -> Vec<String> {
    (0..COUNT)
        .map(|_| {
            let text = BASE32_NOPAD.encode(&rng.bytes::<BYTES>());
            [&text[..4], &text[4..8], &text[8..12], &text[12..]].join("-")
        })
        .collect()
}

/// What the server keeps of a code of `person`; dashes, blanks and case do not count. `None` for what never was one.
pub fn hash(person: PersonId, code: &str) -> Option<[u8; 32]> {
    let code: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|it| it.to_ascii_uppercase())
        .collect();
    let bytes = BASE32_NOPAD.decode(code.as_bytes()).ok()?;
    (bytes.len() == BYTES).then(|| {
        Sha256::new().chain_update(person.0.as_bytes()).chain_update(bytes).finalize().into()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use uuid::Uuid;

    use super::*;

    #[test]
    fn ten_different_codes_are_known_however_they_are_typed() {
        let ana = PersonId(Uuid::from_u128(1));
        let codes = make(&Rng::seeded(1));
        let hashes: BTreeSet<_> = codes.iter().map(|it| hash(ana, it).expect("a code")).collect();
        assert_eq!(hashes.len(), COUNT);
        let typed = codes[0].replace('-', " ").to_lowercase();
        assert_eq!(hash(ana, &typed), hash(ana, &codes[0]));
        assert_ne!(hash(PersonId(Uuid::from_u128(2)), &codes[0]), hash(ana, &codes[0]));
        for wrong in ["", "123456", "AAAA-AAAA-AAAA-AAA", "0000-0000-0000-0000", "é"] {
            assert_eq!(hash(ana, wrong), None, "{wrong}");
        }
    }
}
