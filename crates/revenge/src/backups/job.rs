//! Backups as background work.

use std::time::Duration;

use ::jobs::{JobError, Queue, Registry, Rule, Work};
use kernel::notice::Notice;
use kernel::{Error, Result};
use notices::Notices;
use serde::{Deserialize, Serialize};

use super::Backups;

/// Makes a backup in the folder of backups.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MakeBackup;

impl Work for MakeBackup {
    const KIND: &'static str = "backup.make_backup";
    const QUEUE: Queue = Queue::Default;
    /// Large databases on slow disks.
    const TIMEOUT: Duration = Duration::from_hours(12);
    const MAX_ATTEMPTS: u16 = 3;
    const ONE_PER: Option<&'static str> = Some("server");

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Registers the making of backups, by their schedule where there is one.
pub fn register(registry: &mut Registry, backups: &Backups, notices: &Notices) -> Result<()> {
    let with = (backups.clone(), notices.clone());
    registry.add::<MakeBackup, _, _>(move |_, context| {
        let (backups, notices) = with.clone();
        async move {
            let watching = context.clone();
            let report = move |progress: ::backup::Progress| {
                watching.progress(progress.done, progress.total, progress.note);
                watching.check().is_ok()
            };
            let (made, n_deleted) = match backups.make_and_tidy(&report).await {
                Ok(done) => done,
                Err(_) if context.check().is_err() => return Err(JobError::Cancelled),
                Err(error) => {
                    if context.is_last_attempt() {
                        let reason = format!("{error:#}");
                        notices.tell(Notice::BackupFailed { reason }).await;
                    }
                    return Err(error.into());
                }
            };
            let name = made.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            context
                .log(format!("{name}: {} bytes; {n_deleted} older ones deleted", made.size_bytes));
            let missing = made.manifest.missing_artwork;
            if missing > 0 {
                context.log(format!("{missing} pictures that people chose are not in the folder"));
            }
            notices.tell(Notice::BackupMade { file: name, size_bytes: made.size_bytes }).await;
            Ok(())
        }
    });
    let schedule = backups.section().schedule.clone();
    let usual = schedule.map_or(Rule::Never, |expression| Rule::Cron { expression });
    usual.check().map_err(|error| Error::invalid("backup.schedule", error.to_string()))?;
    registry.scheduled(usual, || MakeBackup)?;
    Ok(())
}
