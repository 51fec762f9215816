//! Why somebody does not get in by a provider, and what they can do about it.

use kernel::Error;

pub fn begin_again() -> Error {
    Error::conflict(
        "accounts.provider_begin_again",
        "this took too long, was used before, or began in another browser; begin again",
    )
}

/// `error` is one of the codes of the standard, or anything that somebody put into the address.
pub fn refused(error: &str) -> Error {
    let code: String =
        error.chars().filter(|it| it.is_ascii_alphanumeric() || *it == '_').take(60).collect();
    Error::conflict(
        "accounts.provider_refused",
        format!("the provider did not sign you in ({code}); begin again, or ask who runs it"),
    )
}

/// What does not hold goes to the log alone.
pub fn not_believed(why: impl std::fmt::Display) -> Error {
    tracing::warn!(why = %why, "oidc.not_believed");
    Error::conflict(
        "accounts.provider_not_believed",
        "what the provider said of you does not hold; begin again, and if that does not help, ask who runs this server: \
         its log has the reason",
    )
}

pub fn no_account() -> Error {
    Error::conflict(
        "accounts.no_account",
        "you have no account here that you may use; ask who runs this server for one",
    )
}

pub fn name_taken() -> Error {
    Error::conflict(
        "accounts.provider_name_taken",
        "somebody has an account of your name here; if that is you, sign in to it as before, and connect the provider in \
         the settings under Security",
    )
}

pub fn linked_elsewhere() -> Error {
    Error::conflict(
        "accounts.identity_in_use",
        "this account at the provider signs somebody else in here; they must disconnect it first",
    )
}
