//! What happened that somebody may want to be told outside of the app, written down in the transaction that caused it.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::id::{ItemId, LibraryId, PersonId, SessionId};
use crate::{Permission, Result};

/// Something that happened, with the facts that its room has. Who hears of it, and in which words, is the business of
/// `notices`; older ones in the database must still parse after an update.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Notice {
    /// A library has items that it did not have.
    #[serde(rename = "items.added")]
    ItemsAdded {
        /// The library.
        library_id: LibraryId,
        /// What is new and can be played; of very many the first ones only.
        item_ids: Vec<ItemId>,
        /// How many there are.
        count: u64,
    },
    /// A library could not be looked through, or not all of it.
    #[serde(rename = "scan.troubled")]
    ScanTroubled {
        /// The library.
        library_id: LibraryId,
        /// What is wrong, in a sentence.
        reason: String,
    },
    /// Background work failed for good.
    #[serde(rename = "job.failed")]
    JobFailed {
        /// The job.
        job_id: i64,
        /// The kind of work.
        job_kind: String,
        /// Its last failure.
        error: String,
    },
    /// Somebody signed in as a person with a device that was not known.
    #[serde(rename = "session.new_device")]
    NewDevice {
        /// As whom.
        person_id: PersonId,
        /// The session.
        session_id: SessionId,
        /// What the device calls itself.
        device: String,
        /// From where.
        address: String,
    },
    /// A person began to play something.
    #[serde(rename = "playback.started")]
    PlaybackStarted(Played),
    /// A person stopped playing something.
    #[serde(rename = "playback.stopped")]
    PlaybackStopped(Played),
    /// A backup was made.
    #[serde(rename = "backup.made")]
    BackupMade {
        /// The name of its file.
        file: String,
        /// How large it is.
        size_bytes: u64,
    },
    /// A backup could not be made.
    #[serde(rename = "backup.failed")]
    BackupFailed {
        /// Why.
        reason: String,
    },
    /// A disk of the server's is nearly full.
    #[serde(rename = "storage.low")]
    StorageLow {
        /// A folder on it that people know.
        place: String,
        /// What tells the disk from others.
        disk: String,
        /// What is free.
        free_bytes: u64,
        /// What there is.
        total_bytes: u64,
    },
    /// Somebody asked for a title that is not here.
    #[serde(rename = "request.made")]
    RequestMade {
        /// Who asks.
        person_id: PersonId,
        /// What they are called.
        person: String,
        /// What they ask for.
        title: Requested,
        /// Why, in their words.
        word: Option<String>,
    },
    /// One of those who asked for a title has an answer.
    #[serde(rename = "request.answered")]
    RequestAnswered {
        /// Who asked.
        person_id: PersonId,
        /// What they asked for.
        title: Requested,
        /// What became of it: `approved`, `declined`, `available`.
        state: String,
        /// What whoever answered said.
        word: Option<String>,
        /// What they can see now.
        item_id: Option<ItemId>,
    },
    /// Somebody wants to see whether notices arrive.
    #[serde(rename = "test")]
    Test,
}

/// One playing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Played {
    /// Which playing.
    pub play_id: Uuid,
    /// Who plays.
    pub person_id: PersonId,
    /// What the person is called.
    pub person: String,
    /// What the device calls itself.
    pub device: String,
    /// What is played.
    pub item_id: ItemId,
    /// Where it is.
    pub position_ms: i64,
}

/// A title that somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requested {
    /// The request.
    pub request_id: Uuid,
    /// What it is: `movie`, `series`.
    pub kind: String,
    /// What it is called.
    pub title: String,
    /// When it came out.
    pub year: Option<i32>,
}

/// The kinds of [`Notice`] that people choose among.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoticeKind {
    /// See [`Notice::ItemsAdded`].
    ItemsAdded,
    /// See [`Notice::ScanTroubled`].
    ScanTroubled,
    /// See [`Notice::JobFailed`].
    JobFailed,
    /// See [`Notice::NewDevice`].
    NewDevice,
    /// See [`Notice::PlaybackStarted`].
    PlaybackStarted,
    /// See [`Notice::PlaybackStopped`].
    PlaybackStopped,
    /// See [`Notice::BackupMade`].
    BackupMade,
    /// See [`Notice::BackupFailed`].
    BackupFailed,
    /// See [`Notice::StorageLow`].
    StorageLow,
    /// See [`Notice::RequestMade`].
    RequestMade,
    /// See [`Notice::RequestAnswered`].
    RequestAnswered,
    /// See [`Notice::Test`]. Nobody chooses it: it goes where it is asked for.
    Test,
}

impl NoticeKind {
    /// What people choose among, in the order in which they are shown it.
    pub const CHOICE: [Self; 11] = [
        Self::ItemsAdded,
        Self::PlaybackStarted,
        Self::PlaybackStopped,
        Self::RequestMade,
        Self::RequestAnswered,
        Self::NewDevice,
        Self::ScanTroubled,
        Self::JobFailed,
        Self::BackupMade,
        Self::BackupFailed,
        Self::StorageLow,
    ];

    /// Its name in the API, in the database and in the documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ItemsAdded => "items.added",
            Self::ScanTroubled => "scan.troubled",
            Self::JobFailed => "job.failed",
            Self::NewDevice => "session.new_device",
            Self::PlaybackStarted => "playback.started",
            Self::PlaybackStopped => "playback.stopped",
            Self::BackupMade => "backup.made",
            Self::BackupFailed => "backup.failed",
            Self::StorageLow => "storage.low",
            Self::RequestMade => "request.made",
            Self::RequestAnswered => "request.answered",
            Self::Test => "test",
        }
    }

    /// The kind of this name that people may choose.
    pub fn parse(name: &str) -> Option<Self> {
        Self::CHOICE.into_iter().find(|it| it.name() == name)
    }

    /// What a person must be allowed to hear of it at all; nothing where it is about what they see or about themselves.
    pub const fn needs(self) -> Option<Permission> {
        match self {
            Self::ScanTroubled => Some(Permission::ScanLibraries),
            Self::JobFailed => Some(Permission::ManageJobs),
            Self::RequestMade => Some(Permission::ManageRequests),
            Self::RequestAnswered => Some(Permission::Request),
            Self::BackupMade | Self::BackupFailed | Self::StorageLow => {
                Some(Permission::Administer)
            }
            _ => None,
        }
    }
}

impl Notice {
    /// Its kind.
    pub const fn kind(&self) -> NoticeKind {
        match self {
            Self::ItemsAdded { .. } => NoticeKind::ItemsAdded,
            Self::ScanTroubled { .. } => NoticeKind::ScanTroubled,
            Self::JobFailed { .. } => NoticeKind::JobFailed,
            Self::NewDevice { .. } => NoticeKind::NewDevice,
            Self::PlaybackStarted(_) => NoticeKind::PlaybackStarted,
            Self::PlaybackStopped(_) => NoticeKind::PlaybackStopped,
            Self::BackupMade { .. } => NoticeKind::BackupMade,
            Self::BackupFailed { .. } => NoticeKind::BackupFailed,
            Self::StorageLow { .. } => NoticeKind::StorageLow,
            Self::RequestMade { .. } => NoticeKind::RequestMade,
            Self::RequestAnswered { .. } => NoticeKind::RequestAnswered,
            Self::Test => NoticeKind::Test,
        }
    }

    /// The library it is about.
    pub const fn library(&self) -> Option<LibraryId> {
        match self {
            Self::ItemsAdded { library_id, .. } | Self::ScanTroubled { library_id, .. } => {
                Some(*library_id)
            }
            _ => None,
        }
    }

    /// The person whose own business it is: nobody else but the server's administrators hears of it.
    pub const fn person(&self) -> Option<PersonId> {
        match self {
            Self::NewDevice { person_id, .. } | Self::RequestAnswered { person_id, .. } => {
                Some(*person_id)
            }
            Self::PlaybackStarted(it) | Self::PlaybackStopped(it) => Some(it.person_id),
            _ => None,
        }
    }
}

type Told<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;
type Write = dyn for<'a> Fn(&'a mut PgConnection, Notice) -> Told<'a> + Send + Sync;

/// How a room says that something happened: in the transaction that makes it so. One that is silent drops all; the adult
/// area has no other, so that nothing of it can leave by this way.
#[derive(Clone, Default)]
pub struct Teller(Option<Arc<Write>>);

impl Teller {
    /// Tells nobody.
    pub fn silent() -> Self {
        Self::default()
    }

    /// Tells by `write`.
    pub fn new(
        write: impl for<'a> Fn(&'a mut PgConnection, Notice) -> Told<'a> + Send + Sync + 'static,
    ) -> Self {
        Self(Some(Arc::new(write)))
    }

    /// Whether nobody would hear.
    pub fn is_silent(&self) -> bool {
        self.0.is_none()
    }

    /// Writes `notice` down in the transaction of `db`: it is told if that commits.
    pub async fn tell(&self, db: &mut PgConnection, notice: Notice) -> Result<()> {
        match &self.0 {
            Some(write) => write(db, notice).await,
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Teller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Teller").field("is_silent", &self.is_silent()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_written_under_the_name_of_its_kind() {
        for notice in [
            Notice::ItemsAdded { library_id: LibraryId(Uuid::nil()), item_ids: vec![], count: 1 },
            Notice::JobFailed { job_id: 1, job_kind: "x".to_owned(), error: "y".to_owned() },
            Notice::PlaybackStopped(Played {
                play_id: Uuid::nil(),
                person_id: PersonId(Uuid::nil()),
                person: "Ana".to_owned(),
                device: String::new(),
                item_id: ItemId(Uuid::nil()),
                position_ms: 1,
            }),
            Notice::Test,
        ] {
            let written = serde_json::to_value(&notice).expect("JSON");
            assert_eq!(written["kind"], notice.kind().name());
            assert_eq!(serde_json::from_value::<Notice>(written).expect("a notice"), notice);
        }
        for kind in NoticeKind::CHOICE {
            assert_eq!(NoticeKind::parse(kind.name()), Some(kind));
        }
        assert_eq!(NoticeKind::parse("test"), None, "nobody chooses a test");
    }
}
