//! Settings of backups.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Backups of the database, of pictures that nobody could fetch again, and of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BackupSection {
    /// Where they are kept; `backups` below the data folder where it is not named.
    pub folder: Option<PathBuf>,
    /// When one is made, as cron writes it, in UTC: `0 3 * * *` is three o'clock every night. Without it none is made unasked.
    pub schedule: Option<String>,
    /// Of so many last days the last backup is kept.
    pub keep_daily: u16,
    /// Of so many last weeks.
    pub keep_weekly: u16,
    /// Of so many last months.
    pub keep_monthly: u16,
}

impl Default for BackupSection {
    fn default() -> Self {
        Self { folder: None, schedule: None, keep_daily: 7, keep_weekly: 4, keep_monthly: 6 }
    }
}
