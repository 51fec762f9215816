//! How much somebody may play: the smallest of what their account, the film's library and this server allow.

use std::sync::Arc;

use catalog::playable::PlayableFile;
use kernel::id::{FileId, ItemId};
use kernel::limits::is_near;
use kernel::{Error, Limits, Result, Viewer};
use media::decide::{Decision, LimitOf, Method, Reason};
use media::transcode::{Rendition, Rung};
use wire::Origin;

use crate::Playback;
use crate::films::OpenFilm;
use crate::playing::Playing;

/// What of a film is asked for.
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    /// The file's own bytes, or its own pictures.
    Own,
    /// What is made anew of it.
    Made(Rendition),
}

/// The most bits per second that somebody may be given of a film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Bits per second.
    pub bps: i64,
    /// Who says so.
    pub whose: LimitOf,
}

impl Allowance {
    /// Why a file's own bytes are more than that, if so; of what has no known rate nothing is said.
    pub fn against(self, file_bps: Option<i64>) -> Option<Reason> {
        let Self { bps: limit, whose } = self;
        file_bps.filter(|it| *it > limit).map(|bps| Reason::BitrateAllowed { bps, limit, whose })
    }

    /// Whether pictures of this size stay within it.
    pub fn allows(self, rung: Rung) -> bool {
        i64::try_from(rung.peak_bps()).is_ok_and(|it| it <= self.bps)
    }

    /// Keeps a decision on a file within it: pictures are made anew where `sounds`, all of the file's, come with them for a
    /// client that says nothing of itself; one that does was told of the limit as of its own, and is told whose it is.
    pub fn bind(self, decision: &mut Decision, file_bps: Option<i64>, sounds: Option<Vec<u32>>) {
        let Some(reason) = self.against(file_bps) else { return };
        if let Some(sounds) = sounds {
            decision.method = Method::TranscodeVideo;
            decision.playable_audio = sounds;
            decision.reasons = vec![reason];
            return;
        }
        for it in &mut decision.reasons {
            if matches!(it, Reason::Bitrate { limit, .. } if *limit == self.bps) {
                *it = reason.clone();
            }
        }
    }
}

impl Playback {
    /// What somebody may be given, by whether they are in the house; `None` for anything.
    pub(crate) fn allowance(
        &self,
        viewer: &Viewer,
        library: Limits,
        is_near: bool,
    ) -> Option<Allowance> {
        let all = [
            (viewer.limits, LimitOf::Person),
            (library, LimitOf::Library),
            (self.limits, LimitOf::Server),
        ];
        let allowed = all.into_iter().filter_map(|(limits, whose)| {
            Some(Allowance { bps: limits.bitrate_bps(is_near)?, whose })
        });
        allowed.min_by_key(|it| it.bps)
    }

    /// Goes on only where somebody may be given this of a file.
    pub(crate) fn require_within(
        &self,
        viewer: &Viewer,
        origin: &Origin,
        file: &PlayableFile,
        wanted: Wanted,
    ) -> Result<()> {
        let Some(allowance) = self.allowance(viewer, file.limits, is_near(origin.address)) else {
            return Ok(());
        };
        let refused = match wanted {
            Wanted::Own if allowance.against(file.bitrate_bps).is_some() => {
                "play this file as it is, which exceeds your bitrate limit"
            }
            Wanted::Made(Rendition::Picture(it)) if !allowance.allows(it.rung) => {
                "play pictures of this size, which exceed your bitrate limit"
            }
            Wanted::Own | Wanted::Made(_) => return Ok(()),
        };
        Err(Error::Forbidden(refused))
    }

    /// The film behind a signed URL, for somebody who may be given this of it.
    pub(crate) async fn find_film_within(
        &self,
        viewer: &Viewer,
        origin: &Origin,
        (file, version): (FileId, &str),
        wanted: Wanted,
    ) -> Result<Arc<OpenFilm>> {
        let file = self.find_file(viewer, file).await?;
        self.require_within(viewer, origin, &file, wanted)?;
        self.open(&file, version).await
    }

    /// Goes on only where somebody may begin one more playing. What is played is asked of the cache: where that is away,
    /// playing goes before counting.
    pub(crate) async fn require_room(&self, viewer: &Viewer, item: ItemId) -> Result<()> {
        let (own, all) = (viewer.limits.max_streams, self.limits.max_streams);
        if own.is_none() && all.is_none() {
            return Ok(());
        }
        let playing = match self.board.list().await {
            Ok(playing) => others(playing, viewer, item),
            Err(error) => {
                tracing::warn!(%error, "playing.not_counted");
                return Ok(());
            }
        };
        let theirs = playing.iter().filter(|it| it.person_id == viewer.person_id).count();
        if let Some(limit) = own.filter(|it| theirs >= usize::from(*it)) {
            return Err(too_many(format!(
                "you play {theirs} at once already, and {limit} is your limit; stop one first"
            )));
        }
        let count = playing.len();
        if let Some(limit) = all.filter(|it| count >= usize::from(*it)) {
            return Err(too_many(format!(
                "{count} play on this server already, and {limit} is its limit; try again later"
            )));
        }
        Ok(())
    }
}

/// What goes on beside a playing of `item` that begins. A device that starts the same film again, or another one, puts it in
/// the place of what it started last.
fn others(mut playing: Vec<Playing>, viewer: &Viewer, item: ItemId) -> Vec<Playing> {
    playing.retain(Playing::goes_on);
    let is_own = |it: &&Playing| {
        it.person_id == viewer.person_id
            && it.session_id.is_some()
            && it.session_id == viewer.session_id
    };
    let last = playing.iter().filter(is_own).max_by_key(|it| (it.started_at, it.play_id));
    let last = last.map(|it| it.play_id);
    playing.retain(|it| !is_own(&it) || (it.item_id != item && Some(it.play_id) != last));
    playing
}

fn too_many(message: String) -> Error {
    Error::conflict("playback.too_many_streams", message)
}
