//! What happened, told to the open pages of those it concerns.

use serde::{Deserialize, Serialize};

use crate::id::{LibraryId, PersonId};
use crate::{Permission, Viewer};

/// Something that happened, on its way to every node's listeners.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// What kind of thing, as the event stream names it: `library.changed`.
    pub name: String,
    /// Whose pages may hear of it.
    pub audience: Audience,
    /// The facts, as the event stream documents them.
    pub data: serde_json::Value,
}

/// Who may hear of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Those for whom this library exists.
    Library(LibraryId),
    /// Those of them from whom nothing in it is kept: for what counts its content.
    WholeLibrary(LibraryId),
    /// One person, on all their devices.
    Person(PersonId),
    /// Those who may do this.
    Permitted(Permission),
}

impl Event {
    /// The channel of the cache that carries events between nodes.
    pub const CHANNEL: &str = "events";

    /// Whether `viewer` may hear of it.
    pub fn is_for(&self, viewer: &Viewer) -> bool {
        match self.audience {
            Audience::Library(library) => viewer.scope.contains(library),
            Audience::WholeLibrary(library) => {
                viewer.scope.contains(library) && !viewer.scope.is_guarded()
            }
            Audience::Person(person) => viewer.person_id == person,
            Audience::Permitted(permission) => viewer.can(permission),
        }
    }

    /// As bytes for the channel.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// From the channel's bytes; `None` for what another version wrote and we cannot read.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{Guard, LibraryScope};

    #[test]
    fn only_its_audience_hears_of_an_event() {
        let (mine, other) = (LibraryId(Uuid::from_u128(1)), LibraryId(Uuid::from_u128(2)));
        let viewer = Viewer {
            person_id: PersonId(Uuid::from_u128(3)),
            session_id: None,
            api_key_id: None,
            scope: LibraryScope::of([mine]),
            permissions: Vec::new(),
            limits: crate::Limits::default(),
            hours_end: None,
            address: None,
            area: crate::Area::Main,
        };
        let event =
            |audience| Event { name: "x".to_owned(), audience, data: serde_json::Value::Null };
        assert!(event(Audience::Library(mine)).is_for(&viewer));
        assert!(!event(Audience::Library(other)).is_for(&viewer));
        assert!(event(Audience::WholeLibrary(mine)).is_for(&viewer));
        assert!(!event(Audience::WholeLibrary(other)).is_for(&viewer));
        let guard = Guard { hidden: vec![-19], wanted: Vec::new() };
        let kept = Viewer { scope: viewer.scope.clone().guarded(guard), ..viewer.clone() };
        assert!(event(Audience::Library(mine)).is_for(&kept));
        assert!(!event(Audience::WholeLibrary(mine)).is_for(&kept));
        assert!(event(Audience::Person(viewer.person_id)).is_for(&viewer));
        assert!(!event(Audience::Person(PersonId(Uuid::from_u128(4)))).is_for(&viewer));
        assert!(!event(Audience::Permitted(Permission::SeePlaying)).is_for(&viewer));
        assert_eq!(
            Event::from_bytes(&event(Audience::Permitted(Permission::SeePlaying)).to_bytes()),
            Some(event(Audience::Permitted(Permission::SeePlaying)))
        );
    }
}
