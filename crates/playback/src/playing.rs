//! What is played now: by whom, on which device, how, and how far it is. Kept in the cache, so that every node knows it,
//! and forgotten when its player goes silent.

mod board;

use std::sync::Arc;

use catalog::item::ItemCard;
use catalog::personal::{PlayState, ProgressReport};
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::BoxFuture;
use kernel::event::{Audience, Event};
use kernel::id::{FileId, ItemId, PersonId, SessionId};
use kernel::notice::{Notice, Played};
use kernel::{Error, Permission, Result, Viewer};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

pub use board::{Board, LIFE};

use crate::Playback;
use crate::service::{Start, Way};

/// A position is written to the database this often at most while a film plays, and at every stop.
const WRITE_EVERY: TimeDelta = TimeDelta::seconds(10);
/// Messages to a person are cut to so many characters.
const MAX_MESSAGE_CHARS: usize = 300;

/// Says how a person and a signed-in device of theirs are called.
pub type FindNames =
    Arc<dyn Fn(PersonId, Option<SessionId>) -> BoxFuture<'static, Result<Names>> + Send + Sync>;

/// How a person and a device of theirs are called.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The person.
    pub person: String,
    /// What the device calls itself.
    pub device: String,
}

/// One playing of a film.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Playing {
    /// Its id, as the answer to its start has it.
    pub play_id: Uuid,
    /// Who plays it.
    pub person_id: PersonId,
    /// The signed-in device.
    pub session_id: Option<SessionId>,
    /// What the person is called.
    pub person: String,
    /// What the device calls itself.
    pub device: String,
    /// What is played.
    pub item_id: ItemId,
    /// Which of its files.
    pub file_id: FileId,
    /// How the bytes come.
    pub way: Way,
    /// Why not directly: codes for programs, sentences for people.
    pub reasons: Vec<(String, String)>,
    /// The most that comes, bits per second.
    pub bitrate_bps: Option<i64>,
    /// Where it is.
    pub position_ms: i64,
    /// How long it runs.
    pub duration_ms: Option<i64>,
    /// What the player does.
    pub state: PlayState,
    /// When it was begun.
    pub started_at: DateTime<Utc>,
    /// When its player last said something.
    pub heard_at: DateTime<Utc>,
    /// When its position was last written to the database.
    pub written_at: Option<DateTime<Utc>>,
}

/// What a person may ask a player to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Stand still.
    Pause,
    /// Go on.
    Resume,
    /// Go to this position, in milliseconds.
    Seek(i64),
    /// Play what comes next.
    Next,
    /// End, and show the message.
    Stop(Option<String>),
}

impl Playing {
    /// Whether it was not stopped.
    pub(crate) fn goes_on(&self) -> bool {
        self.state != PlayState::Stopped
    }

    /// Where it is by now, as it goes on between two words of its player.
    fn move_on(&mut self, now: DateTime<Utc>) {
        if self.state == PlayState::Playing {
            let passed = (now - self.heard_at).num_milliseconds().max(0);
            let end = self.duration_ms.unwrap_or(i64::MAX);
            self.position_ms = self.position_ms.saturating_add(passed).min(end);
        }
    }
}

impl Playback {
    /// Shows everybody who may know that something begins.
    pub(crate) async fn show_start(&self, viewer: &Viewer, start: &Start) {
        let now = self.clock.now();
        // A playing without names is better than none.
        let names = (self.names)(viewer.person_id, viewer.session_id).await.unwrap_or_default();
        let playing = Playing {
            play_id: start.play_id,
            person_id: viewer.person_id,
            session_id: viewer.session_id,
            person: names.person,
            device: names.device,
            item_id: start.item.id,
            file_id: start.file.id,
            way: start.way,
            reasons: start
                .reasons
                .iter()
                .map(|it| (it.code().to_owned(), it.to_string()))
                .collect(),
            bitrate_bps: start.cost.bitrate_bps,
            position_ms: start.position_ms,
            duration_ms: start.file.duration_ms,
            state: PlayState::Paused,
            started_at: now,
            heard_at: now,
            written_at: None,
        };
        metrics::counter!("revenge_plays_total", "way" => start.way.code()).increment(1);
        if let Err(error) = self.board.add(&playing).await {
            tracing::debug!(%error, "playing.not_shown");
            return;
        }
        self.tell(Notice::PlaybackStarted(played(&playing))).await;
        self.announce_playing(viewer.person_id, start.play_id).await;
    }

    /// Takes in what a player tells of itself. The position goes to the database when that is due, so always when nothing is
    /// known of the playing; `is_kept` is false for what leaves no trace in the history.
    pub async fn report(
        &self,
        viewer: &Viewer,
        play_id: Uuid,
        item: ItemId,
        report: ProgressReport,
        is_kept: bool,
    ) -> Result<()> {
        let known = match self.board.find(play_id).await {
            Ok(known) => known,
            Err(error) => {
                tracing::debug!(%error, "playing.unknown");
                None
            }
        };
        if known.as_ref().is_some_and(|it| it.person_id != viewer.person_id || it.item_id != item) {
            return Err(Error::NotFound("playing"));
        }
        let now = self.clock.now();
        let is_due = is_write_due(known.as_ref(), report.state, now);
        if is_kept && is_due {
            self.catalog.report_progress(viewer, item, report).await?;
        }
        if let Some(mut playing) = known {
            playing.position_ms = report.position_ms.max(0);
            playing.duration_ms = report.duration_ms.or(playing.duration_ms);
            playing.state = report.state;
            playing.heard_at = now;
            if is_due {
                playing.written_at = Some(now);
            }
            if let Err(error) = self.board.update(&playing).await {
                tracing::debug!(%error, "playing.not_shown");
            }
            if is_kept && !playing.goes_on() {
                self.tell(Notice::PlaybackStopped(played(&playing))).await;
            }
            self.announce_playing(viewer.person_id, play_id).await;
        }
        Ok(())
    }

    /// What is played now: for those who run the server of everybody, for others their own; nothing of what does not exist
    /// for them. The newest first.
    pub async fn list_playing(&self, viewer: &Viewer) -> Result<Vec<(Playing, ItemCard)>> {
        let mut all = self.board.list().await?;
        all.retain(|it| it.goes_on() && is_known_to(it, viewer));
        let now = self.clock.now();
        for playing in &mut all {
            playing.move_on(now);
        }
        all.sort_by_key(|it| std::cmp::Reverse((it.started_at, it.play_id)));
        let mut ids: Vec<ItemId> = all.iter().map(|it| it.item_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let cards = self.catalog.list_cards(viewer, &ids).await?;
        let with_card = |it: Playing| {
            let card = cards.iter().find(|card| card.id == it.item_id)?.clone();
            Some((it, card))
        };
        Ok(all.into_iter().filter_map(with_card).collect())
    }

    /// Asks a player to do something: anything of one's own, and of others to stop where one runs the server.
    pub async fn command(&self, viewer: &Viewer, play_id: Uuid, command: Command) -> Result<()> {
        let playing = self.board.find(play_id).await?.filter(|it| is_known_to(it, viewer));
        let playing = playing.ok_or(Error::NotFound("playing"))?;
        self.catalog.find_card(viewer, playing.item_id).await?;
        let is_own = playing.person_id == viewer.person_id;
        if !is_own {
            viewer.require(Permission::ControlPlaying)?;
            if !matches!(command, Command::Stop(_)) {
                return Err(Error::Forbidden("do more than stop what others play"));
            }
        }
        let data = match command {
            Command::Pause => json!({ "play_id": play_id, "action": "pause" }),
            Command::Resume => json!({ "play_id": play_id, "action": "resume" }),
            Command::Next => json!({ "play_id": play_id, "action": "next" }),
            Command::Seek(position_ms) if position_ms < 0 => {
                return Err(Error::invalid("position_ms", "must not be negative"));
            }
            Command::Seek(position_ms) => {
                json!({ "play_id": play_id, "action": "seek", "position_ms": position_ms })
            }
            Command::Stop(message) => {
                let message = message.map(|it| shortened(&it)).filter(|it| !it.is_empty());
                json!({ "play_id": play_id, "action": "stop", "message": message, "by_other": !is_own })
            }
        };
        let (name, audience) = ("player.command".to_owned(), Audience::Person(playing.person_id));
        self.catalog.publish(Event { name, audience, data }).await;
        Ok(())
    }

    /// Writes down what people may want to be told of. What plays goes on without.
    async fn tell(&self, notice: Notice) {
        let teller = &self.catalog.teller;
        if teller.is_silent() {
            return;
        }
        let told = async {
            let mut tx = self.catalog.pool.begin().await?;
            teller.tell(&mut tx, notice).await?;
            Ok::<_, Error>(tx.commit().await?)
        };
        if let Err(error) = told.await {
            tracing::warn!(%error, "playing.not_told");
        }
    }

    async fn announce_playing(&self, person: PersonId, play_id: Uuid) {
        for audience in [Audience::Person(person), Audience::Permitted(Permission::SeePlaying)] {
            let name = "playing.changed".to_owned();
            let data = json!({ "play_id": play_id });
            self.catalog.publish(Event { name, audience, data }).await;
        }
    }
}

/// What is told of a playing.
fn played(playing: &Playing) -> Played {
    Played {
        play_id: playing.play_id,
        person_id: playing.person_id,
        person: playing.person.clone(),
        device: playing.device.clone(),
        item_id: playing.item_id,
        position_ms: playing.position_ms,
    }
}

/// Whether a playing exists for somebody.
fn is_known_to(playing: &Playing, viewer: &Viewer) -> bool {
    playing.person_id == viewer.person_id || viewer.can(Permission::SeePlaying)
}

/// Whether what a player tells is to be written to the database now.
fn is_write_due(known: Option<&Playing>, state: PlayState, now: DateTime<Utc>) -> bool {
    let Some(known) = known else { return true };
    let is_old = known.written_at.is_none_or(|it| now - it >= WRITE_EVERY);
    // A player may tell its stop several times as its page goes away.
    state == PlayState::Stopped || is_old
}

fn shortened(text: &str) -> String {
    let text: String = text.chars().filter(|it| !it.is_control()).take(MAX_MESSAGE_CHARS).collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn playing(number: u128) -> Playing {
        Playing {
            play_id: Uuid::from_u128(number),
            person_id: PersonId(Uuid::from_u128(1)),
            session_id: None,
            person: "Ana".to_owned(),
            device: "Television".to_owned(),
            item_id: ItemId(Uuid::from_u128(2)),
            file_id: FileId(Uuid::from_u128(3)),
            way: Way::Remux,
            reasons: vec![("container".to_owned(), "no such files".to_owned())],
            bitrate_bps: Some(8_000_000),
            position_ms: 0,
            duration_ms: Some(60_000),
            state: PlayState::Playing,
            started_at: DateTime::UNIX_EPOCH,
            heard_at: DateTime::UNIX_EPOCH,
            written_at: None,
        }
    }

    #[test]
    fn a_position_is_written_every_ten_seconds_and_at_every_stop() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::hours(1);
        let written = |seconds_ago: Option<i64>| Playing {
            written_at: seconds_ago.map(|it| now - TimeDelta::seconds(it)),
            ..playing(1)
        };
        for (known, state, is_due) in [
            (None, PlayState::Playing, true),
            (Some(None), PlayState::Playing, true),
            (Some(Some(9)), PlayState::Playing, false),
            (Some(Some(9)), PlayState::Paused, false),
            (Some(Some(10)), PlayState::Playing, true),
            (Some(Some(10)), PlayState::Paused, true),
            (Some(Some(0)), PlayState::Stopped, true),
        ] {
            let known = known.map(written);
            assert_eq!(is_write_due(known.as_ref(), state, now), is_due, "{known:?} {state:?}");
        }
    }

    #[test]
    fn what_plays_goes_on_until_its_end() {
        let at = |seconds, state| {
            let mut playing = Playing { position_ms: 5_000, state, ..playing(1) };
            playing.move_on(DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds));
            playing.position_ms
        };
        assert_eq!(at(7, PlayState::Playing), 12_000);
        assert_eq!(at(80, PlayState::Playing), 60_000);
        assert_eq!(at(7, PlayState::Paused), 5_000);
        assert_eq!(at(-7, PlayState::Playing), 5_000, "of a node whose clock is ahead");
    }

    #[test]
    fn a_message_is_one_line_of_bounded_length() {
        assert_eq!(shortened(" dinner\n is ready "), "dinner is ready");
        assert_eq!(shortened(&"x".repeat(1000)).len(), MAX_MESSAGE_CHARS);
    }
}
