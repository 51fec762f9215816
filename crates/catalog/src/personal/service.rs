//! What people do with items of theirs.

use chrono::TimeDelta;
use kernel::id::ItemId;
use kernel::{Error, Result, Viewer};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::store::{self, OpenPlay, Target};
use super::{Progress, ProgressReport, rules};
use crate::Catalog;
use crate::item::Form;

/// A player that said nothing for so long is gone; the next report begins a new play.
const PLAYER_SILENCE: TimeDelta = TimeDelta::minutes(30);

impl Catalog {
    /// Keeps where a player is, and decides what that means.
    pub async fn report_progress(
        &self,
        viewer: &Viewer,
        item: ItemId,
        report: ProgressReport,
    ) -> Result<Progress> {
        let now = self.clock.now();
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let target = find_target(&mut tx, viewer, item).await?;
        if target.form == Form::Group {
            return Err(Error::invalid("id", "a group has no position: report that of what plays"));
        }
        let credits_ms = match report.file_id {
            Some(file) => store::find_credits(&mut tx, item, file).await?,
            None => None,
        };
        let outcome = rules::outcome(&report, target.runtime_ms, credits_ms);
        let before = store::find_progress(&mut tx, viewer.person_id, item).await?;
        let heard_at = before.as_ref().map_or(now, |it| it.1);
        let was_played = before.is_some_and(|it| it.0.is_played);
        let play = open_play(&mut tx, viewer, item, heard_at, now).await?;
        // One play counts once, however often its player reports from behind the end.
        let counts = outcome.is_completed && !play.as_ref().is_some_and(|it| it.is_completed);
        let progress = store::upsert_report(
            &mut tx,
            viewer.person_id,
            &target,
            &outcome,
            counts,
            report.file_id,
            now,
        )
        .await?;

        let ended_at = outcome.is_over.then_some(now);
        let position_ms = report.position_ms.max(0);
        if let Some(play) = play {
            let elapsed_ms = (now - heard_at).num_milliseconds();
            let watched_ms = rules::watched_ms(play.end_position_ms, position_ms, elapsed_ms);
            store::update_play(
                &mut tx,
                play.id,
                watched_ms,
                position_ms,
                outcome.is_completed,
                ended_at,
            )
            .await?;
        } else if !outcome.is_over || outcome.is_completed {
            let id: Uuid = self.ids.next();
            let session = viewer.session_id;
            store::insert_play(
                &mut tx,
                id,
                viewer.person_id,
                session,
                &target,
                report.file_id,
                now,
            )
            .await?;
            store::update_play(&mut tx, id, 0, position_ms, outcome.is_completed, ended_at).await?;
        }
        if progress.is_played == was_played {
            store::touch_groups(&mut tx, viewer.person_id, item, now).await?;
        } else {
            store::recount_person(&mut tx, viewer.person_id, target.root_id).await?;
        }
        tx.commit().await?;
        drop(db);
        self.announce_progress(viewer.person_id, item, &progress).await;
        Ok(progress)
    }

    /// Marks an item as played; a group with everything in it.
    pub async fn mark_played(&self, viewer: &Viewer, item: ItemId) -> Result<Progress> {
        self.mark(viewer, item, true).await
    }

    /// Marks an item as not played; a group with everything in it.
    pub async fn mark_unplayed(&self, viewer: &Viewer, item: ItemId) -> Result<Progress> {
        self.mark(viewer, item, false).await
    }

    async fn mark(&self, viewer: &Viewer, item: ItemId, is_played: bool) -> Result<Progress> {
        let now = self.clock.now();
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let target = find_target(&mut tx, viewer, item).await?;
        if is_played {
            store::mark_played(&mut tx, viewer.person_id, &target, now).await?;
        } else {
            store::mark_unplayed(&mut tx, viewer.person_id, &target, now).await?;
        }
        store::recount_person(&mut tx, viewer.person_id, target.root_id).await?;
        tx.commit().await?;
        drop(db);
        let progress = self.find_card(viewer, item).await?.progress;
        self.announce_progress(viewer.person_id, item, &progress).await;
        Ok(progress)
    }

    /// Makes an item a favourite.
    pub async fn add_favourite(&self, viewer: &Viewer, item: ItemId) -> Result<()> {
        let mut db = self.connection().await?;
        let target = find_target(&mut db, viewer, item).await?;
        store::insert_favourite(&mut db, viewer.person_id, &target, self.clock.now()).await
    }

    /// Makes an item no favourite any more.
    pub async fn delete_favourite(&self, viewer: &Viewer, item: ItemId) -> Result<()> {
        let mut db = self.connection().await?;
        find_target(&mut db, viewer, item).await?;
        store::delete_favourite(&mut db, viewer.person_id, item).await
    }
}

async fn find_target(db: &mut PgConnection, viewer: &Viewer, item: ItemId) -> Result<Target> {
    store::find_target(db, &viewer.scope, item).await?.ok_or(Error::NotFound("item"))
}

/// The play that goes on. One whose player went silent is ended where it was last heard of.
async fn open_play(
    db: &mut PgConnection,
    viewer: &Viewer,
    item: ItemId,
    heard_at: chrono::DateTime<chrono::Utc>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Option<OpenPlay>> {
    let play = store::find_open_play(db, viewer.person_id, item).await?;
    if let Some(silent) = play.as_ref().filter(|_| now - heard_at > PLAYER_SILENCE) {
        store::end_play(db, silent.id, heard_at).await?;
        return Ok(None);
    }
    Ok(play)
}
