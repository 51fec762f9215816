//! Typed ids: a library's id cannot be passed where an item's belongs.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{Clock, Rng};

/// Makes version 7 ids from a clock and randomness that are handed in (RFC 9562, section 5.7).
#[derive(Clone, Debug)]
pub struct Ids {
    clock: Clock,
    rng: Rng,
}

impl Ids {
    /// Ids whose time part comes from `clock` and whose rest comes from `rng`.
    pub fn new(clock: Clock, rng: Rng) -> Self {
        Self { clock, rng }
    }

    /// A new id. Ids made later sort later, to the millisecond.
    pub fn next<T: From<Uuid>>(&self) -> T {
        T::from(at(self.clock.now(), &self.rng.bytes()))
    }
}

fn at(time: DateTime<Utc>, random: &[u8; 10]) -> Uuid {
    let millis = u64::try_from(time.timestamp_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, random).into_uuid()
}

/// Declares a newtype over [`Uuid`] for one noun.
#[macro_export]
macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize,
            ::sqlx::Type, ::utoipa::ToSchema,
        )]
        #[serde(transparent)]
        #[sqlx(transparent)]
        #[schema(value_type = ::uuid::Uuid)]
        pub struct $name(pub ::uuid::Uuid);

        impl From<::uuid::Uuid> for $name {
            fn from(id: ::uuid::Uuid) -> Self {
                Self(id)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = ::uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

typed_id!(
    /// What a person may do, by one name.
    RoleId
);

typed_id!(
    /// A link by which somebody gets an account.
    InvitationId
);

typed_id!(
    /// With what a program acts in a person's name.
    ApiKeyId
);

typed_id!(
    /// A person with an account.
    PersonId
);
typed_id!(
    /// One signed-in device of a person.
    SessionId
);
typed_id!(
    /// A set of folders that holds one kind of content.
    LibraryId
);
typed_id!(
    /// One thing a person can meet: a film, a show, a season, an episode.
    ItemId
);
typed_id!(
    /// One file on disk.
    FileId
);
typed_id!(
    /// One picture of an item or a person.
    ImageId
);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn later_ids_sort_later_and_are_version_seven() {
        let clock = Clock::manual(DateTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
        let ids = Ids::new(clock.clone(), Rng::seeded(1));
        let first: Uuid = ids.next();
        clock.advance(Duration::from_millis(1));
        let second: Uuid = ids.next();
        assert!(first < second);
        assert_eq!(first.get_version_num(), 7);
    }
}
