//! Playlists that come from elsewhere.

use kernel::Result;
use kernel::id::{ItemId, PersonId};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::service::{begin_step, end_step};
use super::{Brought, List, Step};
use crate::Catalog;
use crate::playlist::{self, MAX_ENTRIES, MAX_LISTS, MAX_NAME, MAX_OVERVIEW, brought};

impl Catalog {
    /// What bringing lists to a person would write; nothing is. Without a person, to somebody who is new.
    pub async fn try_bringing_lists(
        &self,
        person: Option<PersonId>,
        lists: &[List],
    ) -> Result<Brought> {
        let person = person.unwrap_or_else(|| self.ids.next());
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let brought = self.write_lists(&mut tx, person, lists).await?;
        tx.rollback().await?;
        Ok(brought)
    }

    /// Makes lists of a person's, and puts at the end of those that they still have what was not brought into them before. What
    /// they deleted or took out stays away. False where this step was done before.
    pub async fn bring_lists(
        &self,
        step: Step<'_>,
        person: PersonId,
        lists: &[List],
    ) -> Result<bool> {
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let Some(arrival) = begin_step(&mut tx, step).await? else { return Ok(false) };
        let brought = self.write_lists(&mut tx, person, lists).await?;
        end_step(&mut tx, arrival, step, brought).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn write_lists(
        &self,
        tx: &mut PgConnection,
        person: PersonId,
        lists: &[List],
    ) -> Result<Brought> {
        let now = self.clock.now();
        let mut written = Brought::default();
        let mut n_lists = playlist::count_lists(tx, person).await?;
        for list in lists {
            let items: Vec<Uuid> = list.items.iter().map(|it| it.0).collect();
            // Where nothing of it is here yet, it is made when something is.
            let has_any = brought::has_playable_unscoped(tx, &items).await?;
            let known = brought::lock_list(tx, person, &list.origin).await?;
            let id = match known {
                Some(id) => id,
                None if !has_any || n_lists >= MAX_LISTS => continue,
                None if !brought::insert_arrived(tx, person, &list.origin).await? => continue,
                None => {
                    let id = self.ids.next();
                    let name: String = list.name.chars().take(MAX_NAME).collect();
                    let overview: Option<String> =
                        list.overview.as_ref().map(|it| it.chars().take(MAX_OVERVIEW).collect());
                    let new = playlist::NewRow {
                        id,
                        person_id: person,
                        name: &name,
                        sort_name: &naming::sort_title(&name),
                        overview: overview.as_deref(),
                        is_shared: list.is_shared,
                        origin: Some(&list.origin),
                    };
                    playlist::insert_playlist(tx, &new, now).await?;
                    n_lists += 1;
                    written.playlists += 1;
                    id
                }
            };
            let room = MAX_ENTRIES - playlist::count_entries(tx, id).await?;
            let origin = &list.origin;
            let mut fresh: Vec<ItemId> =
                brought::insert_arrived_items_unscoped(tx, person, origin, &items).await?;
            fresh.truncate(usize::try_from(room).unwrap_or(0));
            playlist::put(tx, id, playlist::Place::End, &fresh, now).await?;
            written.playlist_items += fresh.len() as i64;
        }
        Ok(written)
    }
}
