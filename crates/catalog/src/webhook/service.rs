//! What administrators do with the webhook, and what a call does.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Error, Permission, Result, Viewer};
use sha2::{Digest as _, Sha256};
use sqlx::Connection as _;

use super::arr::{Call, mapped};
use super::{CallAnswer, CalledScan, LastCall, PathMapping, Webhook, WebhookPatch, store};
use crate::library::{Place, list_folders_unscoped, places_of};
use crate::scan::Ask;
use crate::{Catalog, stored_path};

const MAX_MAPPINGS: usize = 100;
const MAX_PATH: usize = 4096;
/// Unknown paths that are shown.
const MAX_UNKNOWN: usize = 20;
/// Letters of a caller's own words that are kept.
const MAX_WORD: usize = 100;

impl Catalog {
    /// The webhook; its token is made when somebody first looks.
    pub async fn find_webhook(&self, viewer: &Viewer) -> Result<Webhook> {
        viewer.require(Permission::ManageLibraries)?;
        let mut db = self.connection().await?;
        if let Some(webhook) = store::find_webhook(&mut db).await? {
            return Ok(webhook);
        }
        store::insert_webhook(&mut db, &self.new_token(), self.clock.now()).await?;
        store::find_webhook(&mut db).await?.ok_or(Error::NotFound("webhook"))
    }

    /// Sets what other programs call our folders.
    pub async fn update_webhook(&self, viewer: &Viewer, patch: WebhookPatch) -> Result<Webhook> {
        self.find_webhook(viewer).await?;
        let mappings = checked(patch.path_mappings)?;
        store::update_path_mappings(&mut *self.connection().await?, &mappings).await?;
        self.find_webhook(viewer).await
    }

    /// Makes a new token; who knows only the old one is refused from now on.
    pub async fn rotate_webhook_token(&self, viewer: &Viewer) -> Result<Webhook> {
        self.find_webhook(viewer).await?;
        store::update_token(&mut *self.connection().await?, &self.new_token()).await?;
        self.find_webhook(viewer).await
    }

    /// Whether `token` is the webhook's.
    pub(super) async fn is_webhook_token(&self, token: &str) -> Result<bool> {
        let webhook = store::find_webhook(&mut *self.connection().await?).await?;
        Ok(webhook.is_some_and(|it| is_same(&it.token, token)))
    }

    /// Asks for scans of all that a call names. The caller's token has been checked.
    pub(super) async fn receive_call(&self, call: &Call) -> Result<CallAnswer> {
        let mut db = self.connection().await?;
        let mappings = store::find_webhook(&mut db).await?.map(|it| it.path_mappings);
        let mappings = mappings.unwrap_or_default();
        let folders = list_folders_unscoped(&mut db).await?;
        let (mut places, mut unknown_paths): (BTreeSet<Place>, _) = (BTreeSet::new(), Vec::new());
        for path in call.paths().into_iter().filter(|it| it.len() <= MAX_PATH && !it.contains('\0'))
        {
            let path = mapped(path, &mappings);
            let found = places_of(&path, &folders);
            if found.is_empty() && unknown_paths.len() < MAX_UNKNOWN {
                unknown_paths.push(stored_path::to_text(&path));
            }
            places.extend(found);
        }
        let mut tx = db.begin().await?;
        let mut scans = Vec::new();
        for Place { library, folder } in places {
            let ask = Ask { folder: folder.clone(), reads_problems: false };
            let job_id = self.ask_scan(&mut tx, library, &ask).await?;
            scans.push(CalledScan { library_id: library, folder, job_id });
        }
        let last = LastCall {
            at: self.clock.now(),
            application: call.instance_name.as_deref().map(word),
            event: word(&call.event_type),
            scans: scans.len(),
            unknown_paths: unknown_paths.clone(),
        };
        store::update_last_call(&mut tx, &last).await?;
        tx.commit().await?;
        tracing::info!(
            webhook.event = last.event,
            webhook.scans = last.scans,
            webhook.unknown = unknown_paths.len(),
            "webhook.called"
        );
        Ok(CallAnswer { scans, unknown_paths })
    }

    fn new_token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.rng.bytes::<32>())
    }
}

/// Compares hashes: how far they agree, and how long that takes to find out, tells nothing about the token.
fn is_same(token: &str, other: &str) -> bool {
    Sha256::digest(token) == Sha256::digest(other)
}

/// The caller's own words, short and printable.
fn word(text: &str) -> String {
    text.chars().filter(|it| !it.is_control()).take(MAX_WORD).collect()
}

fn checked(mappings: Vec<PathMapping>) -> Result<Vec<PathMapping>> {
    if mappings.len() > MAX_MAPPINGS {
        let message = format!("there are at most {MAX_MAPPINGS} path mappings");
        return Err(Error::invalid("path_mappings", message));
    }
    for (idx, it) in mappings.iter().enumerate() {
        for (side, path) in [("from", &it.from), ("to", &it.to)] {
            let field = format!("path_mappings[{idx}].{side}");
            if path.trim().is_empty() || path.len() > MAX_PATH || path.contains(char::is_control) {
                return Err(Error::invalid(field, "a path has 1 to 4096 letters"));
            }
            if side == "to" && !path.starts_with('/') {
                return Err(Error::invalid(
                    field,
                    format!("{path} is no absolute path: begin it with /"),
                ));
            }
        }
    }
    Ok(mappings)
}
