//! A person with an account, and the rules for names and passwords.

use chrono::{DateTime, Utc};
use kernel::id::{LibraryId, PersonId};
use kernel::{Error, Limits, Parental, Result};

use crate::role::Role;

/// A person with an account.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// As they sign in and as others see them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// May not sign in; nothing of theirs is lost.
    pub is_disabled: bool,
    /// Sees every library, also later ones.
    pub all_libraries: bool,
    /// The libraries they see where not all.
    pub library_ids: Vec<LibraryId>,
    /// How much they may play.
    pub limits: Limits,
    /// What they are kept from.
    pub parental: Parental,
    /// Of the interface, BCP 47.
    pub language: String,
    /// Which picture they gave themselves.
    pub avatar: Option<String>,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When a device of theirs last asked for something, to the minute.
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// The languages the interface speaks.
pub const LANGUAGES: [&str; 2] = ["en", "de"];

/// A name as it will be kept: trimmed, 1 to 64 characters, none of them invisible.
pub fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    let length = name.chars().count();
    if !(1..=64).contains(&length) {
        return Err(Error::invalid("name", "must have 1 to 64 characters"));
    }
    if name.chars().any(char::is_control) {
        return Err(Error::invalid("name", "must not contain control characters"));
    }
    Ok(name.to_owned())
}

/// The most films at once that are a limit.
const MAX_STREAMS: u16 = 1000;

/// Limits as they will be kept: some, or none at all.
pub fn checked_limits(limits: Limits) -> Result<Limits> {
    let Limits { max_streams, max_bitrate_bps, max_local_bitrate_bps } = limits;
    if max_streams.is_some_and(|it| !(1..=MAX_STREAMS).contains(&it)) {
        return Err(Error::invalid("limits.max_streams", "must be from 1 to 1000"));
    }
    let rates = [
        ("limits.max_bitrate_bps", max_bitrate_bps),
        ("limits.max_local_bitrate_bps", max_local_bitrate_bps),
    ];
    for (field, bps) in rates {
        kernel::limits::check_bitrate(field, bps)?;
    }
    Ok(limits)
}

/// Whether `given` allows no more than `own`.
pub fn is_within(given: Limits, own: Limits) -> bool {
    fn holds<T: PartialOrd>(given: Option<T>, own: Option<T>) -> bool {
        own.is_none_or(|own| given.is_some_and(|it| it <= own))
    }
    holds(given.max_streams, own.max_streams)
        && holds(given.max_bitrate_bps, own.max_bitrate_bps)
        && holds(given.max_local_bitrate_bps, own.max_local_bitrate_bps)
}

/// What makes two names the same person: case does not.
pub fn name_key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Guesses that whoever guesses cleverly needs at the least: ten a minute are let through, so these take months.
const MIN_GUESSES: u64 = 1_000_000;

/// Refuses passwords that are too short or too common to resist guessing, or too long to hash in bounded time. How common
/// they are says `zxcvbn`, by its lists of passwords, words and names, of dates, rows of keys and repetitions.
pub fn check_password(field: &'static str, password: &str) -> Result<()> {
    if password.chars().count() < 8 {
        return Err(Error::invalid(field, "must have at least 8 characters"));
    }
    if password.len() > 1024 {
        return Err(Error::invalid(field, "must have at most 1024 bytes"));
    }
    if zxcvbn::zxcvbn(password, &[]).guesses() < MIN_GUESSES {
        return Err(Error::invalid(
            field,
            "is among the first that anybody would guess; take a rarer one",
        ));
    }
    Ok(())
}

/// A language the interface speaks.
pub fn checked_language(language: &str) -> Result<String> {
    if LANGUAGES.contains(&language) {
        Ok(language.to_owned())
    } else {
        Err(Error::invalid("language", format!("must be one of {}", LANGUAGES.join(", "))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(checked_name("  Zoë ").expect("a fine name"), "Zoë");
        for wrong in ["", "   ", "a\nb", &"x".repeat(65)] {
            assert!(checked_name(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(name_key(" ANA"), name_key("ana "));
    }

    #[test]
    fn passwords_that_everybody_takes_are_refused() {
        for common in [
            "password",
            "12345678",
            "qwertyuiop",
            "Passw0rd",
            "iloveyou1",
            "aaaaaaaaaaaa",
            "20012001",
        ] {
            assert!(check_password("password", common).is_err(), "{common}");
        }
        for rare in
            ["correct horse battery", "a new password", "mx7$kqPw", "blaue Giraffe im Regen"]
        {
            assert!(check_password("password", rare).is_ok(), "{rare}");
        }
    }

    #[test]
    fn passwords_have_eight_characters_at_least_and_a_kilobyte_at_most() {
        assert!(check_password("password", "grünspan").is_ok());
        assert!(check_password("password", "sevench").is_err());
        assert!(check_password("password", &"x".repeat(1025)).is_err());
    }
}
