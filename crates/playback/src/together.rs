//! Watching together: several players that show one film at the same moment, by the server's clock.

mod group;

use std::time::Duration;

use cache::Cache;
use kernel::event::{Audience, Event};
use kernel::id::ItemId;
use kernel::{Error, Result, Viewer};
use serde_json::json;
use uuid::Uuid;

pub use group::{Group, Member, Move, Report};

use crate::Playback;

/// A group that nobody said anything in for so long is over.
const LIFE: Duration = Duration::from_mins(10);
const LIST_LIFE: Duration = Duration::from_hours(24);
/// Groups at a time; the oldest go first.
const MAX_GROUPS: usize = 256;
const LIST: &str = "all";

/// Where the groups are: in the cache, so that every node knows them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Groups(Cache);

impl Groups {
    /// Groups in `cache`, under names of their own.
    pub fn new(cache: &Cache) -> Self {
        Self(cache.prefixed("together"))
    }

    async fn add(&self, group: &Group) -> Result<()> {
        let bytes = serde_json::to_vec(group).map_err(anyhow::Error::from)?;
        self.0.set(&group.id.to_string(), bytes, LIFE).await?;
        let living: Vec<Uuid> = self.list().await?.iter().map(|it| it.id).collect();
        let add = |bytes: Option<&[u8]>| {
            let mut ids = read_list(bytes);
            ids.retain(|it| living.contains(it));
            ids.push(group.id);
            let surplus = ids.len().saturating_sub(MAX_GROUPS);
            ids.drain(..surplus);
            serde_json::to_vec(&ids).ok()
        };
        self.0.change(LIST, LIST_LIFE, add).await?;
        Ok(())
    }

    async fn list(&self) -> Result<Vec<Group>> {
        let ids = read_list(self.0.get(LIST).await?.as_deref());
        let keys: Vec<String> = ids.iter().map(Uuid::to_string).collect();
        let values = self.0.get_many(&keys).await?;
        Ok(values.into_iter().flatten().filter_map(|it| read_group(&it)).collect())
    }

    async fn find(&self, id: Uuid) -> Result<Option<Group>> {
        Ok(self.0.get(&id.to_string()).await?.and_then(|it| read_group(&it)))
    }

    /// Lets `act` change a group, whoever else does at the same time; `None` where there is none. Also says how it was.
    async fn change(
        &self,
        id: Uuid,
        mut act: impl FnMut(&mut Group),
    ) -> Result<Option<(Group, Group)>> {
        let mut changed = None;
        let change = |bytes: Option<&[u8]>| {
            let before = read_group(bytes?)?;
            let mut after = before.clone();
            act(&mut after);
            let bytes = serde_json::to_vec(&after).ok();
            changed = Some((before, after));
            bytes
        };
        self.0.change(&id.to_string(), LIFE, change).await?;
        match changed {
            Some((_, after)) if after.members.is_empty() => {
                self.0.delete(&id.to_string()).await?;
                Ok(None)
            }
            changed => Ok(changed),
        }
    }
}

fn read_group(bytes: &[u8]) -> Option<Group> {
    serde_json::from_slice(bytes).ok()
}

fn read_list(bytes: Option<&[u8]>) -> Vec<Uuid> {
    bytes.and_then(|it| serde_json::from_slice(it).ok()).unwrap_or_default()
}

impl Playback {
    /// The server's clock, by which all players of a group go: milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }

    /// Makes a group around a player and what it shows.
    pub async fn create_group(
        &self,
        viewer: &Viewer,
        item: ItemId,
        play_id: Uuid,
        position_ms: i64,
        is_playing: bool,
    ) -> Result<Group> {
        self.catalog.find_card(viewer, item).await?;
        let names = (self.names)(viewer.person_id, viewer.session_id).await?;
        let id = self.ids.next();
        let member = Member::new(play_id, viewer.person_id, names.person, self.now_ms());
        let mut group = Group::around(id, item, member, position_ms, is_playing);
        group.settle(self.now_ms());
        self.groups.add(&group).await?;
        Ok(group)
    }

    /// The groups that watch what exists for the viewer.
    pub async fn list_groups(&self, viewer: &Viewer) -> Result<Vec<Group>> {
        let mut groups = self.groups.list().await?;
        let ids: Vec<ItemId> = groups.iter().map(|it| it.item_id).collect();
        let cards = self.catalog.list_cards(viewer, &ids).await?;
        groups.retain(|it| cards.iter().any(|card| card.id == it.item_id));
        let now = self.now_ms();
        groups.retain_mut(|it| {
            it.settle(now);
            !it.members.is_empty()
        });
        Ok(groups)
    }

    /// Takes in where a member is; somebody new joins with it.
    pub async fn report_to_group(
        &self,
        viewer: &Viewer,
        id: Uuid,
        play_id: Uuid,
        report: Report,
    ) -> Result<Group> {
        let known = self.visible_group(viewer, id).await?;
        let name = match known.members.iter().find(|it| it.play_id == play_id) {
            Some(member) if member.person_id == viewer.person_id => member.name.clone(),
            Some(_) => return Err(Error::NotFound("member")),
            None => (self.names)(viewer.person_id, viewer.session_id).await?.person,
        };
        let now = self.now_ms();
        let act = |group: &mut Group| {
            let member = Member::new(play_id, viewer.person_id, name.clone(), now);
            group.hear(member, report, now);
        };
        self.change_group(id, act).await
    }

    /// Lets a member play, pause or seek for all.
    pub async fn move_group(
        &self,
        viewer: &Viewer,
        id: Uuid,
        play_id: Uuid,
        step: Move,
    ) -> Result<Group> {
        let known = self.visible_group(viewer, id).await?;
        let is_member = |it: &Member| it.play_id == play_id && it.person_id == viewer.person_id;
        if !known.members.iter().any(is_member) {
            return Err(Error::NotFound("member"));
        }
        let now = self.now_ms();
        self.change_group(id, |group| group.step(step, now)).await
    }

    /// Takes a member of one's own out.
    pub async fn leave_group(&self, viewer: &Viewer, id: Uuid, play_id: Uuid) -> Result<()> {
        let now = self.now_ms();
        let act = |group: &mut Group| group.leave(play_id, viewer.person_id, now);
        match self.change_group(id, act).await {
            // Nobody is left.
            Ok(_) | Err(Error::NotFound(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn visible_group(&self, viewer: &Viewer, id: Uuid) -> Result<Group> {
        let group = self.groups.find(id).await?.ok_or(Error::NotFound("group"))?;
        self.catalog.find_card(viewer, group.item_id).await.map_err(|error| match error {
            Error::NotFound(_) => Error::NotFound("group"),
            error => error,
        })?;
        Ok(group)
    }

    /// Changes a group, and tells its members where that changed what they are to do.
    async fn change_group(&self, id: Uuid, act: impl FnMut(&mut Group)) -> Result<Group> {
        let changed = self.groups.change(id, act).await?;
        let (before, after) = changed.ok_or(Error::NotFound("group"))?;
        if before.is_news(&after) {
            let mut told = Vec::new();
            for member in &after.members {
                if told.contains(&member.person_id) {
                    continue;
                }
                told.push(member.person_id);
                let name = "group.changed".to_owned();
                let audience = Audience::Person(member.person_id);
                let data = json!({ "group_id": id });
                self.catalog.publish(Event { name, audience, data }).await;
            }
        }
        Ok(after)
    }
}
