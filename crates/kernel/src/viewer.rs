//! Who is asking, and what exists for them.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::id::{ApiKeyId, LibraryId, PersonId, SessionId};
use crate::{Error, Guard, Limits, Permission, Result};

/// What exists for somebody: libraries, and of their content what no [`Guard`] keeps them from. Every query of content takes
/// one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LibraryScope {
    libraries: Vec<Uuid>,
    marks: Guard,
    guard: Vec<i64>,
}

impl LibraryScope {
    /// The scope of exactly these libraries, with all that is in them.
    pub fn of(libraries: impl IntoIterator<Item = LibraryId>) -> Self {
        let libraries = libraries.into_iter().map(|it| it.0).collect();
        Self { libraries, marks: Guard::default(), guard: Vec::new() }
    }

    /// The part of this scope that `guard` allows.
    #[must_use]
    pub fn guarded(self, guard: Guard) -> Self {
        Self { libraries: self.libraries, guard: guard.to_array(), marks: guard }
    }

    /// The ids, as a parameter of `library_id = ANY($n)`.
    pub fn ids(&self) -> &[Uuid] {
        &self.libraries
    }

    /// What does not exist in these libraries, as a parameter of `allows(item.marks, $n)`; empty where all does.
    pub fn guard(&self) -> &[i64] {
        &self.guard
    }

    /// The same, for search engines.
    pub fn marks(&self) -> &Guard {
        &self.marks
    }

    /// Whether something of these libraries may not exist.
    pub fn is_guarded(&self) -> bool {
        !self.guard.is_empty()
    }

    /// Whether the library exists for this scope.
    pub fn contains(&self, library: LibraryId) -> bool {
        self.libraries.contains(&library.0)
    }

    /// The part of this scope that is one library; empty if it is not in it.
    pub fn narrowed(&self, library: LibraryId) -> Self {
        let libraries = self.libraries.iter().copied().filter(|it| *it == library.0).collect();
        Self { libraries, marks: self.marks.clone(), guard: self.guard.clone() }
    }

    /// These libraries instead, with the same guard.
    pub fn moved_to(&self, libraries: impl IntoIterator<Item = LibraryId>) -> Self {
        Self::of(libraries).guarded(self.marks.clone())
    }
}

/// Through which part of the API somebody asks. Each has content, addresses and a catalog of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Area {
    /// What everybody has.
    #[default]
    Main,
    /// The adult catalog, opened for this session.
    Adult,
}

impl Area {
    /// Before the addresses of all that is in it.
    pub const fn address(self) -> &'static str {
        match self {
            Self::Main => "/api/v1",
            Self::Adult => "/api/v1/adult",
        }
    }
}

/// The person behind a request: who they are, which libraries exist for them, what they may do.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// Whose progress, favourites and history are meant.
    pub person_id: PersonId,
    /// The signed-in device; `None` for a program with an API key and at the command line.
    pub session_id: Option<SessionId>,
    /// The API key with which a program acts in the person's name.
    pub api_key_id: Option<ApiKeyId>,
    /// What exists for them.
    pub scope: LibraryScope,
    /// What they may do, sorted.
    pub permissions: Vec<Permission>,
    /// How much they may play.
    pub limits: Limits,
    /// When their hours end, for those who have some.
    pub hours_end: Option<DateTime<Utc>>,
    /// Their client's address; `None` where nobody asks over the network.
    pub address: Option<IpAddr>,
    /// Where they ask.
    pub area: Area,
}

impl Viewer {
    /// Whether the person may do `permission`.
    pub fn can(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission) || self.permissions.contains(&Permission::Administer)
    }

    /// Goes on only for those who may do `permission`.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.can(permission) { Ok(()) } else { Err(Error::Forbidden(permission.verb())) }
    }

    /// Whether the person may do all of `permissions`.
    pub fn can_all(&self, permissions: &[Permission]) -> bool {
        permissions.iter().all(|it| self.can(*it))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrowing_never_widens() {
        let (mine, other) = (LibraryId(Uuid::from_u128(1)), LibraryId(Uuid::from_u128(2)));
        let scope = LibraryScope::of([mine]);
        assert!(scope.narrowed(other).ids().is_empty());
        assert_eq!(scope.narrowed(mine).ids(), [mine.0]);
        let guard = Guard { hidden: vec![-19], wanted: Vec::new() };
        let guarded = scope.guarded(guard);
        assert_eq!(guarded.narrowed(mine).guard(), [1, -19]);
        assert_eq!(guarded.moved_to([other]).guard(), [1, -19]);
    }
}
