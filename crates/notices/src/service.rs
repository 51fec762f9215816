//! What people do with targets: their own, and administrators with the server's.

use std::time::Duration;

use cache::Rate;
use kernel::id::LibraryId;
use kernel::notice::{Notice, NoticeKind};
use kernel::{Error, Limit, Page, Permission, Result, Viewer};
use serde::Serialize;

use crate::jobs::Deliver;
use crate::send::sign;
use crate::target::{Delivery, DeliveryId, EventId, Owner, Target, TargetId};
use crate::way::Way;
use crate::{Notices, address, store};

/// Targets of one person at the most.
const MAX_OF_A_PERSON: usize = 10;
/// Targets of the server at the most.
const MAX_OF_THE_SERVER: usize = 30;
/// Libraries that a target may name.
const MAX_LIBRARIES: usize = 200;
/// The languages that messages are written in.
const LANGUAGES: [&str; 2] = ["en", "de"];
/// Tests and repetitions that one person may ask for: each sends something somewhere.
const ASKED: Rate = Rate { limit: 20, per: Duration::from_mins(5) };

/// What a target is to be. Left out is as it was, or as it usually is.
#[derive(Clone, Debug, Default)]
pub struct TargetPatch {
    /// What it is called.
    pub name: Option<String>,
    /// Where it is.
    pub address: Option<String>,
    /// What goes there.
    pub kinds: Option<Vec<String>>,
    /// Of which libraries; all of them with `Some(None)`.
    #[expect(clippy::option_option, reason = "left as it is, all, or some")]
    pub libraries: Option<Option<Vec<LibraryId>>>,
    /// In which language, for one of the server's.
    pub language: Option<String>,
    /// Whether it may lie in the server's own network, for one of the server's.
    pub is_local: Option<bool>,
    /// Whether it is in use.
    pub is_enabled: Option<bool>,
}

/// A target of a person's, for them to take along.
#[derive(Clone, Debug, Serialize)]
pub struct Exported {
    name: String,
    channel: &'static str,
    address: String,
    events: Vec<&'static str>,
    created_at: chrono::DateTime<chrono::Utc>,
}

impl Notices {
    /// What somebody may choose to hear of.
    pub fn choice(owner: Owner, viewer: &Viewer) -> Vec<NoticeKind> {
        let may = |it: &NoticeKind| {
            owner == Owner::Server || it.needs().is_none_or(|needed| viewer.can(needed))
        };
        NoticeKind::CHOICE.into_iter().filter(may).collect()
    }

    /// The targets of one owner, whom the caller is.
    pub async fn list_targets(&self, viewer: &Viewer, owner: Owner) -> Result<Vec<Target>> {
        require(viewer, owner)?;
        store::target::list_targets(&mut *self.0.parts.pool.acquire().await?, owner).await
    }

    /// A person's targets without their secrets.
    pub async fn export(&self, viewer: &Viewer) -> Result<Vec<Exported>> {
        let targets = self.list_targets(viewer, Owner::Person(viewer.person_id)).await?;
        Ok(targets
            .into_iter()
            .map(|it| Exported {
                name: it.name,
                channel: it.channel.name(),
                address: it.shown,
                events: it.kinds.iter().map(|it| it.name()).collect(),
                created_at: it.created_at,
            })
            .collect())
    }

    /// Makes a target; of a webhook the secret too, which is shown this once.
    pub async fn create_target(
        &self,
        viewer: &Viewer,
        owner: Owner,
        patch: TargetPatch,
    ) -> Result<(Target, Option<String>)> {
        require(viewer, owner)?;
        let address = patch.address.as_deref().unwrap_or_default();
        let (way, secret) = self.new_way(address)?;
        let parts = &self.0.parts;
        let language = match owner {
            Owner::Server => LANGUAGES[0].to_owned(),
            Owner::Person(_) => parts.accounts.me(viewer).await?.language,
        };
        let blank = Target {
            id: self.0.ids.next(),
            owner,
            name: String::new(),
            channel: way.channel(),
            shown: way.shown(),
            kinds: Vec::new(),
            libraries: None,
            language,
            is_local: false,
            is_enabled: true,
            created_at: parts.clock.now(),
            failing_since: None,
            paused_reason: None,
        };
        let name = patch.name.clone().or_else(|| Some(blank.shown.clone()));
        let target = changed(blank, &TargetPatch { name, ..patch }, viewer)?;
        check_way(&way, owner)?;
        let mut tx = parts.pool.begin().await?;
        let n_targets = store::target::list_targets(&mut tx, owner).await?.len();
        let most = match owner {
            Owner::Person(_) => MAX_OF_A_PERSON,
            Owner::Server => MAX_OF_THE_SERVER,
        };
        if n_targets >= most {
            let message = format!("{most} targets are the most; delete one first");
            return Err(Error::conflict("notices.too_many_targets", message));
        }
        store::target::insert_target(&mut tx, &target, &self.close_way(target.id, &way)?).await?;
        tx.commit().await?;
        Ok((target, secret))
    }

    /// Changes a target, and gives it another chance where it was given up; of another address of a webhook the new secret.
    pub async fn update_target(
        &self,
        viewer: &Viewer,
        id: TargetId,
        patch: &TargetPatch,
    ) -> Result<(Target, Option<String>)> {
        let (target, sealed) = self.find_own(viewer, id).await?;
        let mut target = changed(target, patch, viewer)?;
        let (way, secret) = match &patch.address {
            Some(address) => self.new_way(address)?,
            None => (self.open_way(id, &sealed)?, None),
        };
        check_way(&way, target.owner)?;
        (target.channel, target.shown) = (way.channel(), way.shown());
        (target.failing_since, target.paused_reason) = (None, None);
        let sealed = self.close_way(id, &way)?;
        let mut db = self.0.parts.pool.acquire().await?;
        store::target::update_target(&mut db, &target, &sealed).await?;
        Ok((target, secret))
    }

    /// Deletes a target with its log.
    pub async fn delete_target(&self, viewer: &Viewer, id: TargetId) -> Result<()> {
        self.find_own(viewer, id).await?;
        store::target::delete_target(&mut *self.0.parts.pool.acquire().await?, id).await
    }

    /// Makes a new signing secret for a webhook; messages are signed with it from now on.
    pub async fn rotate_secret(&self, viewer: &Viewer, id: TargetId) -> Result<String> {
        let (target, sealed) = self.find_own(viewer, id).await?;
        let Way::Webhook { url, .. } = self.open_way(id, &sealed)? else {
            return Err(Error::conflict("notices.not_signed", "only webhooks are signed"));
        };
        let secret = sign::new_secret(&self.0.parts.rng);
        let way = Way::Webhook { url, secret: secret.clone() };
        let sealed = self.close_way(id, &way)?;
        let mut db = self.0.parts.pool.acquire().await?;
        store::target::update_target(&mut db, &target, &sealed).await?;
        Ok(secret)
    }

    /// Sends something that says that it is a test.
    pub async fn send_test(&self, viewer: &Viewer, id: TargetId) -> Result<()> {
        self.find_own(viewer, id).await?;
        self.check_asked(viewer).await?;
        let parts = &self.0.parts;
        let now = parts.clock.now();
        let event: EventId = self.0.ids.next();
        let mut tx = parts.pool.begin().await?;
        store::event::insert_event(&mut tx, event, &Notice::Test, None, now).await?;
        store::event::mark_spread(&mut tx, event, now).await?;
        let ids = [self.0.ids.next()];
        let made = store::delivery::insert_deliveries(&mut tx, event, &ids, &[id], now).await?;
        for delivery_id in made {
            parts.jobs.enqueue(&mut tx, &Deliver { delivery_id, round: 0 }).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// What went to a target, the newest first.
    pub async fn list_deliveries(
        &self,
        viewer: &Viewer,
        id: TargetId,
        before: Option<DeliveryId>,
        limit: Limit,
    ) -> Result<Page<Delivery>> {
        self.find_own(viewer, id).await?;
        let mut db = self.0.parts.pool.acquire().await?;
        let rows = store::delivery::list_deliveries(&mut db, id, before, limit).await?;
        Ok(Page::of(rows, limit, |it| it.id))
    }

    /// Sends something again that arrived or was given up.
    pub async fn send_again(&self, viewer: &Viewer, id: DeliveryId) -> Result<()> {
        let parts = &self.0.parts;
        let mut tx = parts.pool.begin().await?;
        let target = store::delivery::find_target_of(&mut tx, id).await?;
        let target = target.ok_or(Error::NotFound("delivery"))?;
        let own = self.find_own(viewer, target).await;
        own.map_err(|error| match error {
            Error::NotFound(_) => Error::NotFound("delivery"),
            other => other,
        })?;
        self.check_asked(viewer).await?;
        let Some(round) = store::delivery::restart(&mut tx, id).await? else {
            let message = "it is on its way already";
            return Err(Error::conflict("notices.still_waiting", message));
        };
        parts.jobs.enqueue(&mut tx, &Deliver { delivery_id: id, round }).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A target of the caller's, or one of the server's where they administer it. Others do not exist for them.
    async fn find_own(&self, viewer: &Viewer, id: TargetId) -> Result<(Target, Vec<u8>)> {
        let mut db = self.0.parts.pool.acquire().await?;
        let found = store::target::find_target_unscoped(&mut db, id).await?;
        found.filter(|it| require(viewer, it.0.owner).is_ok()).ok_or(Error::NotFound("target"))
    }

    async fn check_asked(&self, viewer: &Viewer) -> Result<()> {
        let key = format!("notices:asked:{}", viewer.person_id);
        let decision = self.0.parts.cache.allow(&key, ASKED).await;
        if decision.allowed {
            Ok(())
        } else {
            Err(Error::Busy { retry_after: decision.retry_after })
        }
    }

    /// The way of an address; a webhook gets a secret.
    fn new_way(&self, address: &str) -> Result<(Way, Option<String>)> {
        let way = address::parse(address).map_err(|it| Error::invalid("address", it))?;
        Ok(match way {
            Way::Webhook { url, .. } => {
                let secret = sign::new_secret(&self.0.parts.rng);
                (Way::Webhook { url, secret: secret.clone() }, Some(secret))
            }
            other => (other, None),
        })
    }

    fn close_way(&self, id: TargetId, way: &Way) -> Result<Vec<u8>> {
        let written = serde_json::to_vec(way).map_err(anyhow::Error::from)?;
        self.0.seal.close(id.0, &written, &self.0.parts.rng)
    }

    pub(crate) fn open_way(&self, id: TargetId, sealed: &[u8]) -> Result<Way> {
        let opened = self.0.seal.open(id.0, sealed)?;
        serde_json::from_slice(&opened).map_err(|error| {
            Error::Internal(anyhow::Error::from(error).context("the address of a target"))
        })
    }
}

/// Goes on only for whoever the targets of `owner` belong to.
fn require(viewer: &Viewer, owner: Owner) -> Result<()> {
    match owner {
        Owner::Server => viewer.require(Permission::Administer),
        Owner::Person(id) if id == viewer.person_id => Ok(()),
        Owner::Person(_) => Err(Error::NotFound("target")),
    }
}

/// A person's mail goes through the server's own mail server: theirs would be a way into the server's network.
fn check_way(way: &Way, owner: Owner) -> Result<()> {
    match (way, owner) {
        (Way::Mail { through: Some(_), .. }, Owner::Person(_)) => {
            let message =
                "write mailto: and the address alone; mail goes through the server's mail server";
            Err(Error::invalid("address", message))
        }
        _ => Ok(()),
    }
}

/// `target` with what `patch` says, checked.
fn changed(mut target: Target, patch: &TargetPatch, viewer: &Viewer) -> Result<Target> {
    if let Some(name) = &patch.name {
        target.name = checked_name(name)?;
    }
    if let Some(kinds) = &patch.kinds {
        target.kinds = checked_kinds(kinds, target.owner, viewer)?;
    }
    if let Some(libraries) = &patch.libraries {
        if libraries.iter().flatten().count() > MAX_LIBRARIES {
            return Err(Error::invalid("library_ids", "must be 200 libraries at the most"));
        }
        let unknown = libraries
            .iter()
            .flatten()
            .any(|it| target.owner != Owner::Server && !viewer.scope.contains(*it));
        if unknown {
            return Err(Error::invalid("library_ids", "there is no such library"));
        }
        target.libraries.clone_from(libraries);
    }
    if let Some(language) = &patch.language {
        if !LANGUAGES.contains(&language.as_str()) {
            return Err(Error::invalid("language", "must be en or de"));
        }
        target.language.clone_from(language);
    }
    if let Some(is_local) = patch.is_local {
        if is_local && target.owner != Owner::Server {
            let message = "only the server's targets may lie in its own network";
            return Err(Error::invalid("is_local", message));
        }
        target.is_local = is_local;
    }
    target.is_enabled = patch.is_enabled.unwrap_or(target.is_enabled);
    Ok(target)
}

fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    let length = name.chars().count();
    if !(1..=64).contains(&length) || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", "must have 1 to 64 visible characters"));
    }
    Ok(name.to_owned())
}

fn checked_kinds(kinds: &[String], owner: Owner, viewer: &Viewer) -> Result<Vec<NoticeKind>> {
    let choice = Notices::choice(owner, viewer);
    let mut checked = Vec::new();
    for name in kinds {
        let kind = NoticeKind::parse(name).filter(|it| choice.contains(it));
        checked.push(
            kind.ok_or_else(|| Error::invalid("events", "names an event that is none of yours"))?,
        );
    }
    checked.sort_unstable();
    checked.dedup();
    Ok(checked)
}
