//! The folder of backups: which are there, and which may go.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike as _, NaiveDateTime, Utc};

use crate::{Error, Head, Result};

/// How names begin and end that this program gives.
const PREFIX: &str = "revenge-";
const SUFFIX: &str = ".tar.zst";
const TIME: &str = "%Y%m%d-%H%M%S";

/// A backup in the folder.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The name of its file.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// The moment it shows.
    pub created_at: DateTime<Utc>,
    /// Bytes.
    pub size_bytes: u64,
}

impl Kept {
    /// What it says of itself; none where it cannot be read.
    pub fn head(&self) -> Option<Head> {
        crate::peek(&self.path).ok()
    }
}

/// How many backups are kept: of the last days, weeks and months that have one, the last of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Days.
    pub daily: u16,
    /// Weeks, which begin on Mondays.
    pub weekly: u16,
    /// Months.
    pub monthly: u16,
}

/// The name of a backup made at `time`.
pub fn name_of(time: DateTime<Utc>) -> String {
    format!("{PREFIX}{}{SUFFIX}", time.format(TIME))
}

/// The time in a name that [`name_of`] gave.
pub fn time_of(name: &str) -> Option<DateTime<Utc>> {
    let middle = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    let time = NaiveDateTime::parse_from_str(middle, TIME).ok()?.and_utc();
    (name_of(time) == name).then_some(time)
}

/// The backups in `folder`, the last first. A folder that is not there has none.
pub fn list(folder: &Path) -> Result<Vec<Kept>> {
    let failed = |error| Error::files("read", folder, error);
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut kept = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let Some(created_at) = time_of(&name) else { continue };
        let Ok(facts) = entry.metadata() else { continue };
        if facts.is_file() {
            kept.push(Kept { name, path: entry.path(), created_at, size_bytes: facts.len() });
        }
    }
    kept.sort_by_key(|it| Reverse(it.created_at));
    Ok(kept)
}

/// The backup called `name`; none where that is no name of a backup, or there is none.
pub fn find(folder: &Path, name: &str) -> Result<Option<Kept>> {
    if time_of(name).is_none() {
        return Ok(None);
    }
    Ok(list(folder)?.into_iter().find(|it| it.name == name))
}

/// Deletes what the rules do not keep; how many.
pub fn tidy(folder: &Path, rules: Rules) -> Result<usize> {
    let kept = list(folder)?;
    let times: Vec<_> = kept.iter().map(|it| it.created_at).collect();
    let mut n_deleted = 0;
    for (backup, _) in kept.iter().zip(stays(&times, rules)).filter(|(_, stays)| !stays) {
        std::fs::remove_file(&backup.path)
            .map_err(|error| Error::files("delete", &backup.path, error))?;
        n_deleted += 1;
    }
    Ok(n_deleted)
}

/// Which of the backups of these times stay, the last of them first. The last one always does.
fn stays(times: &[DateTime<Utc>], rules: Rules) -> Vec<bool> {
    let (mut days, mut weeks, mut months) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut stays = Vec::with_capacity(times.len());
    for (number, time) in times.iter().enumerate() {
        let week = time.iso_week();
        let is_of_day = days.len() < rules.daily.into() && days.insert(time.date_naive());
        let is_of_week =
            weeks.len() < rules.weekly.into() && weeks.insert((week.year(), week.week()));
        let is_of_month =
            months.len() < rules.monthly.into() && months.insert((time.year(), time.month()));
        stays.push(number == 0 || is_of_day || is_of_week || is_of_month);
    }
    stays
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime<Utc> {
        format!("{text}Z").parse().expect("a time")
    }

    #[test]
    fn names_tell_their_time_and_others_are_left_alone() {
        let at = time("2026-01-02T03:04:05");
        assert_eq!(name_of(at), "revenge-20260102-030405.tar.zst");
        assert_eq!(time_of(&name_of(at)), Some(at));
        for name in [
            "revenge-20260102-030405.tar",
            "revenge-2026012-030405.tar.zst",
            "../revenge-20260102-030405.tar.zst",
            "revenge-before-upgrade.tar.zst",
            "revenge-20261302-030405.tar.zst",
        ] {
            assert_eq!(time_of(name), None, "{name}");
        }
    }

    #[test]
    fn the_last_of_each_day_week_and_month_stays() {
        // Sunday 4 January 2026 is the last day of a week.
        let times: Vec<_> = [
            "2026-01-06T03:00:00",
            "2026-01-05T18:00:00",
            "2026-01-05T03:00:00",
            "2026-01-04T03:00:00",
            "2026-01-01T03:00:00",
            "2025-12-31T03:00:00",
            "2025-12-01T03:00:00",
            "2025-11-30T03:00:00",
        ]
        .map(time)
        .to_vec();
        let check = |daily, weekly, monthly, expect: [bool; 8]| {
            assert_eq!(stays(&times, Rules { daily, weekly, monthly }), expect);
        };
        check(0, 0, 0, [true, false, false, false, false, false, false, false]);
        check(2, 0, 0, [true, true, false, false, false, false, false, false]);
        check(0, 2, 0, [true, false, false, true, false, false, false, false]);
        check(0, 0, 3, [true, false, false, false, false, true, false, true]);
        check(3, 2, 2, [true, true, false, true, false, true, false, false]);
    }

    #[test]
    fn a_folder_is_tidied_of_backups_only() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in
            ["revenge-20260102-030405.tar.zst", "revenge-20260101-030405.tar.zst", "mine.tar.zst"]
        {
            std::fs::write(folder.path().join(name), b"x").expect("written");
        }
        let rules = Rules { daily: 1, weekly: 0, monthly: 0 };
        assert_eq!(tidy(folder.path(), rules).expect("tidied"), 1);
        assert!(folder.path().join("mine.tar.zst").exists());
        let left = list(folder.path()).expect("listed");
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].name, "revenge-20260102-030405.tar.zst");
        assert!(list(&folder.path().join("none")).expect("no folder, no backup").is_empty());
    }
}
