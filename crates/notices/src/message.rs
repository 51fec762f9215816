//! What a notice says to one target: plain sentences in its language, and the same as data. Pure.
//!
//! [`Said`] has only what the one who is told may see; nothing is left out here any more.

mod words;

use kernel::notice::{NoticeKind, Requested};
use serde_json::{Value, json};

/// Lines of a message at the most; what is more is counted.
const MAX_LINES: usize = 20;
/// Things that the data names at the most.
const MAX_NAMED: usize = 50;
/// Characters of somebody else's words: failures, names of devices.
const MAX_CHARS: usize = 400;

/// A message, ready for any channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its kind.
    pub kind: NoticeKind,
    /// One line.
    pub title: String,
    /// Some lines.
    pub text: String,
    /// What it is about, as data.
    pub subject: Value,
}

/// A thing of a library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing {
    /// Its id.
    pub id: String,
    /// What it is, in the words of its content kind.
    pub kind: String,
    /// Its title.
    pub title: String,
    /// When it came out.
    pub year: Option<i32>,
    /// The series it is part of: its id and title.
    pub series: Option<(String, String)>,
    /// The number of its season and its own.
    pub numbers: Option<(i32, i32)>,
}

/// A library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
}

/// What happened, as far as the one who is told may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// New things.
    Added {
        /// Where.
        library: Library,
        /// Those that are named.
        things: Vec<Thing>,
        /// How many there are; `None` where nobody may say.
        count: Option<u64>,
    },
    /// A library could not be looked through.
    Troubled {
        /// Which.
        library: Library,
        /// What is wrong.
        reason: String,
    },
    /// Background work failed for good.
    JobFailed {
        /// The job.
        job_id: i64,
        /// The kind of work.
        job_kind: String,
        /// Its last failure.
        error: String,
    },
    /// A sign-in with a device that was not known.
    NewDevice {
        /// As whom: their id and name.
        person: (String, String),
        /// What the device calls itself.
        device: String,
        /// From where.
        address: String,
    },
    /// Something is played, or no longer.
    Played {
        /// It begins, or else it stops.
        begins: bool,
        /// Who plays: their id and name.
        person: (String, String),
        /// On what.
        device: String,
        /// What.
        thing: Thing,
        /// Where it is.
        position_ms: i64,
    },
    /// A backup was made.
    BackupMade {
        /// The name of its file.
        file: String,
        /// How large it is.
        size_bytes: u64,
    },
    /// A backup could not be made.
    BackupFailed {
        /// Why.
        reason: String,
    },
    /// A disk is nearly full.
    StorageLow {
        /// A folder on it.
        place: String,
        /// What is free.
        free_bytes: u64,
        /// What there is.
        total_bytes: u64,
    },
    /// Somebody asks for a title.
    RequestMade {
        /// Who: their id and name.
        person: (String, String),
        /// What.
        title: Requested,
        /// In their words.
        word: Option<String>,
    },
    /// Who asked for a title has an answer.
    RequestAnswered {
        /// Who asked: their id and name.
        person: (String, String),
        /// What.
        title: Requested,
        /// `approved`, `declined`, `available`.
        state: String,
        /// What whoever answered said.
        word: Option<String>,
    },
    /// Somebody looks whether messages arrive.
    Test,
}

impl Said {
    /// The message in `language`.
    pub fn message(&self, language: &str) -> Message {
        let (title, lines) = words::say(self, words::Language::of(language));
        let text: Vec<String> = lines.iter().map(|it| shortened(it)).collect();
        Message {
            kind: self.kind(),
            title: shortened(&title),
            text: text.join("\n"),
            subject: self.subject(),
        }
    }

    fn kind(&self) -> NoticeKind {
        match self {
            Self::Added { .. } => NoticeKind::ItemsAdded,
            Self::Troubled { .. } => NoticeKind::ScanTroubled,
            Self::JobFailed { .. } => NoticeKind::JobFailed,
            Self::NewDevice { .. } => NoticeKind::NewDevice,
            Self::Played { begins: true, .. } => NoticeKind::PlaybackStarted,
            Self::Played { begins: false, .. } => NoticeKind::PlaybackStopped,
            Self::BackupMade { .. } => NoticeKind::BackupMade,
            Self::BackupFailed { .. } => NoticeKind::BackupFailed,
            Self::StorageLow { .. } => NoticeKind::StorageLow,
            Self::RequestMade { .. } => NoticeKind::RequestMade,
            Self::RequestAnswered { .. } => NoticeKind::RequestAnswered,
            Self::Test => NoticeKind::Test,
        }
    }

    /// As `docs/notifications.md` describes it.
    fn subject(&self) -> Value {
        match self {
            Self::Added { library, things, count } => {
                let things: Vec<Value> = things.iter().take(MAX_NAMED).map(Thing::data).collect();
                json!({ "library": library.data(), "count": count, "items": things })
            }
            Self::Troubled { library, reason } => {
                json!({ "library": library.data(), "reason": reason })
            }
            Self::JobFailed { job_id, job_kind, error } => {
                json!({ "job_id": job_id, "job_kind": job_kind, "error": error })
            }
            Self::NewDevice { person, device, address } => {
                json!({ "person": named(person), "device": device, "address": address })
            }
            Self::Played { begins: _, person, device, thing, position_ms } => {
                json!({ "person": named(person), "device": device, "item": thing.data(), "position_ms": position_ms })
            }
            Self::BackupMade { file, size_bytes } => {
                json!({ "file": file, "size_bytes": size_bytes })
            }
            Self::BackupFailed { reason } => json!({ "reason": reason }),
            Self::StorageLow { place, free_bytes, total_bytes } => {
                json!({ "place": place, "free_bytes": free_bytes, "total_bytes": total_bytes })
            }
            Self::RequestMade { person, title, word } => {
                json!({ "person": named(person), "request": requested(title), "word": word })
            }
            Self::RequestAnswered { person, title, state, word } => {
                json!({ "person": named(person), "request": requested(title), "state": state, "word": word })
            }
            Self::Test => json!({}),
        }
    }
}

impl Library {
    fn data(&self) -> Value {
        json!({ "id": self.id, "name": self.name })
    }
}

impl Thing {
    fn data(&self) -> Value {
        let Self { id, kind, title, year, series, numbers } = self;
        json!({ "id": id, "kind": kind, "title": title, "year": year, "series": series.as_ref().map(named),
            "season": numbers.map(|it| it.0), "number": numbers.map(|it| it.1) })
    }

    /// The thing in a line.
    fn line(&self) -> String {
        match (&self.series, self.numbers, self.year) {
            (Some((_, series)), Some((season, number)), _) => {
                format!("{series} S{season:02}E{number:02}: {}", self.title)
            }
            (Some((_, series)), None, _) => format!("{series}: {}", self.title),
            (None, _, Some(year)) => format!("{} ({year})", self.title),
            (None, _, None) => self.title.clone(),
        }
    }
}

fn named((id, name): &(String, String)) -> Value {
    json!({ "id": id, "name": name })
}

fn requested(Requested { request_id, kind, title, year }: &Requested) -> Value {
    json!({ "id": request_id, "kind": kind, "title": title, "year": year })
}

/// One line of bounded length.
fn shortened(text: &str) -> String {
    let text: String = text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
    if text.chars().count() <= MAX_CHARS {
        return text;
    }
    text.chars().take(MAX_CHARS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests;
