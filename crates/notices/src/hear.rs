//! Who hears what: decided when a message is sent, by what its receiver may see and do at that moment. Nothing of the adult
//! area can be here: it tells nothing, and the catalog that is asked does not know it.

use std::collections::HashSet;

use catalog::item::ItemCard;
use kernel::id::{ItemId, LibraryId, PersonId};
use kernel::notice::{Notice, Played};
use kernel::{Area, LibraryScope, Limits, Permission, Result, Viewer};
use uuid::Uuid;

use crate::Notices;
use crate::message::{Library, Said, Thing};

/// Items are asked for so many at a time.
const AT_ONCE: usize = 200;
/// New items are looked at one by one up to so many.
const MAX_LOOKED_AT: usize = 2000;

/// The one who is told.
#[derive(Clone, Debug)]
pub struct Listener {
    /// What exists for them.
    pub viewer: Viewer,
    /// The server itself, by its administrators' choice: it hears of everybody.
    pub is_server: bool,
    /// Only these libraries.
    pub libraries: Option<Vec<LibraryId>>,
}

impl Listener {
    /// The server, of all libraries.
    pub fn server(all: Vec<LibraryId>, libraries: Option<Vec<LibraryId>>) -> Self {
        let viewer = Viewer {
            person_id: PersonId(Uuid::nil()),
            session_id: None,
            api_key_id: None,
            scope: LibraryScope::of(all),
            permissions: vec![Permission::Administer],
            limits: Limits::default(),
            hours_end: None,
            address: None,
            area: Area::Main,
        };
        Self { viewer, is_server: true, libraries }
    }

    /// Whether they may hear of `notice` at all, as far as it tells by itself.
    fn may_hear(&self, notice: &Notice) -> bool {
        let is_theirs = notice.person().is_none_or(|it| it == self.viewer.person_id);
        let may = notice.kind().needs().is_none_or(|it| self.viewer.can(it));
        let exists = notice.library().is_none_or(|it| self.chose(it));
        (self.is_server || is_theirs) && may && exists
    }

    fn chose(&self, library: LibraryId) -> bool {
        self.viewer.scope.contains(library)
            && self.libraries.as_ref().is_none_or(|it| it.contains(&library))
    }
}

impl Notices {
    /// What `listener` is told of `notice`; nothing where they may not know of it, or it is gone meanwhile.
    pub(crate) async fn heard(&self, listener: &Listener, notice: &Notice) -> Result<Option<Said>> {
        if !listener.may_hear(notice) {
            return Ok(None);
        }
        Ok(match notice {
            Notice::ItemsAdded { library_id, item_ids, count } => {
                self.added(listener, *library_id, item_ids, *count).await?
            }
            Notice::ScanTroubled { library_id, reason } => {
                let library = self.library(*library_id).await?;
                library.map(|library| Said::Troubled { library, reason: reason.clone() })
            }
            Notice::JobFailed { job_id, job_kind, error } => Some(Said::JobFailed {
                job_id: *job_id,
                job_kind: job_kind.clone(),
                error: error.clone(),
            }),
            Notice::NewDevice { person_id, session_id: _, device, address } => {
                let (name, _) = self.0.parts.accounts.find_names(*person_id, None).await?;
                let person = (person_id.to_string(), name);
                let (device, address) = (device.clone(), address.clone());
                Some(Said::NewDevice { person, device, address })
            }
            Notice::PlaybackStarted(played) => self.played(listener, played, true).await?,
            Notice::PlaybackStopped(played) => self.played(listener, played, false).await?,
            Notice::BackupMade { file, size_bytes } => {
                Some(Said::BackupMade { file: file.clone(), size_bytes: *size_bytes })
            }
            Notice::BackupFailed { reason } => Some(Said::BackupFailed { reason: reason.clone() }),
            Notice::StorageLow { place, disk: _, free_bytes, total_bytes } => {
                Some(Said::StorageLow {
                    place: place.clone(),
                    free_bytes: *free_bytes,
                    total_bytes: *total_bytes,
                })
            }
            Notice::RequestMade { person_id, person, title, word } => Some(Said::RequestMade {
                person: (person_id.to_string(), person.clone()),
                title: title.clone(),
                word: word.clone(),
            }),
            Notice::RequestAnswered { person_id, title, state, word, item_id } => {
                // What is here is told only while it exists for them.
                if let Some(id) = item_id
                    && self.things(listener, &[*id]).await?.is_empty()
                {
                    return Ok(None);
                }
                let (name, _) = self.0.parts.accounts.find_names(*person_id, None).await?;
                Some(Said::RequestAnswered {
                    person: (person_id.to_string(), name),
                    title: title.clone(),
                    state: state.clone(),
                    word: word.clone(),
                })
            }
            Notice::Test => Some(Said::Test),
        })
    }

    async fn library(&self, id: LibraryId) -> Result<Option<Library>> {
        let names = self.0.parts.catalog.library_names_unscoped().await?;
        let name = names.into_iter().find(|it| it.0 == id).map(|it| it.1);
        Ok(name.map(|name| Library { id: id.to_string(), name }))
    }

    async fn added(
        &self,
        listener: &Listener,
        library: LibraryId,
        items: &[ItemId],
        count: u64,
    ) -> Result<Option<Said>> {
        let Some(library) = self.library(library).await? else { return Ok(None) };
        let looked_at = &items[..items.len().min(MAX_LOOKED_AT)];
        let mut things = Vec::new();
        for ids in looked_at.chunks(AT_ONCE) {
            things.extend(self.things(listener, ids).await?);
        }
        if things.is_empty() {
            return Ok(None);
        }
        things.sort_by(|one, other| place(one).cmp(&place(other)));
        let n_gone = (looked_at.len() - things.len()) as u64;
        let is_all = count <= looked_at.len() as u64;
        // Of what was not looked at, nobody knows how much exists for somebody who is kept from a part.
        let is_known = is_all || !listener.viewer.scope.is_guarded();
        let count = is_known.then(|| count.saturating_sub(n_gone));
        Ok(Some(Said::Added { library, things, count }))
    }

    async fn played(
        &self,
        listener: &Listener,
        played: &Played,
        begins: bool,
    ) -> Result<Option<Said>> {
        let thing = self.things(listener, &[played.item_id]).await?.into_iter().next();
        Ok(thing.map(|thing| Said::Played {
            begins,
            person: (played.person_id.to_string(), played.person.clone()),
            device: played.device.clone(),
            thing,
            position_ms: played.position_ms,
        }))
    }

    /// What of `ids` exists for the listener, in the order of `ids`.
    async fn things(&self, listener: &Listener, ids: &[ItemId]) -> Result<Vec<Thing>> {
        let cards = self.0.parts.catalog.list_cards(&listener.viewer, ids).await?;
        let mut seen = HashSet::new();
        let chosen = cards.into_iter().filter(|it| listener.chose(it.library_id));
        Ok(chosen.filter(|it| seen.insert(it.id)).map(|it| thing(&it)).collect())
    }
}

/// Where a thing stands among others: the parts of a series in their order.
fn place(thing: &Thing) -> (&str, Option<(i32, i32)>, &str) {
    let name = thing.series.as_ref().map_or(&thing.title, |it| &it.1);
    (name, thing.numbers, &thing.title)
}

fn thing(card: &ItemCard) -> Thing {
    Thing {
        id: card.id.to_string(),
        kind: card.kind.clone(),
        title: card.title.clone(),
        year: card.year,
        series: card.series.as_ref().map(|it| (it.id.to_string(), it.title.clone())),
        numbers: card.season_number.zip(card.episode_number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_hears_only_of_what_is_theirs_and_what_they_may_know() {
        let (mine, other) = (LibraryId(Uuid::from_u128(1)), LibraryId(Uuid::from_u128(2)));
        let (me, somebody) = (PersonId(Uuid::from_u128(3)), PersonId(Uuid::from_u128(4)));
        let server = Listener::server(vec![mine, other], None);
        let viewer = Viewer {
            person_id: me,
            scope: LibraryScope::of([mine]),
            permissions: vec![Permission::Browse],
            ..server.viewer.clone()
        };
        let person = Listener { viewer, is_server: false, libraries: None };
        let none = Listener { libraries: Some(Vec::new()), ..person.clone() };
        let added = |library_id| Notice::ItemsAdded { library_id, item_ids: vec![], count: 0 };
        let device = |person_id| Notice::NewDevice {
            person_id,
            session_id: kernel::id::SessionId(Uuid::nil()),
            device: String::new(),
            address: String::new(),
        };
        let failed = Notice::BackupFailed { reason: String::new() };
        for (notice, by_server, by_person, by_none) in [
            (added(mine), true, true, false),
            (added(other), true, false, false),
            (device(me), true, true, true),
            (device(somebody), true, false, false),
            (failed, true, false, false),
            (Notice::Test, true, true, true),
        ] {
            let heard = [&server, &person, &none].map(|it| it.may_hear(&notice));
            assert_eq!(heard, [by_server, by_person, by_none], "{notice:?}");
        }
    }
}
