use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use kernel::id::FileId;
use rustix::fs::{CWD, Mode};
use uuid::Uuid;

use super::super::compare::{Entry, State};
use super::super::walk::{Found, Stamp};
use super::*;
use crate::door::Door;

/// Long beside what reading a description takes, short to wait for.
const PATIENCE: Duration = Duration::from_millis(300);

fn unit(name: &str) -> Unit {
    let stamp = Stamp { size_bytes: 7, modified_ns: 1, inode: 1, device: 1 };
    let found = Found { path: name.to_owned(), class: MediaClass::Nfo, stamp };
    let entry = Entry { found, id: FileId(Uuid::nil()), state: State::New, placement: None };
    Unit { candidate: None, files: vec![UnitFile { entry, placement: 0, refusal: None }] }
}

fn files(folder: &Path) -> Files {
    let tools = Arc::new(Tools { ffprobe: None, timeout: PATIENCE });
    Files::new(folder.to_owned(), tools, Door::new(PATIENCE).disk(1, false), Arc::default())
}

fn description(folder: &Path, name: &str) {
    let text = format!("<movie><title>{name}</title></movie>");
    std::fs::write(folder.join(name), text).expect("written");
}

/// Whoever opens it waits, as at a share whose server is gone.
fn hung(folder: &Path, name: &str) {
    let mode = Mode::RUSR | Mode::WUSR;
    rustix::fs::mkfifoat(CWD, folder.join(name), mode).expect("a pipe");
}

/// Those who wait come back, so that the test can end.
fn let_go(folder: &Path, name: &str) {
    OpenOptions::new().write(true).open(folder.join(name)).expect("somebody waits");
}

#[tokio::test]
async fn a_file_that_hangs_does_not_take_those_behind_it_along() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    description(folder, "a.nfo");
    hung(folder, "b.nfo");
    description(folder, "c.nfo");
    let units = ["a.nfo", "b.nfo", "c.nfo"].map(unit).into();
    let read = files(folder).read(units).await.expect("read");
    let readings: Vec<&Reading> =
        read.iter().map(|it| it.readings[0].as_ref().expect("read")).collect();
    let titles: Vec<usize> = readings.iter().map(|it| it.documents.len()).collect();
    assert_eq!(titles, [1, 0, 1]);
    let unread: Vec<bool> = readings.iter().map(|it| it.is_unread).collect();
    assert_eq!(unread, [false, true, false], "it is tried again");
    assert!(readings[1].problem.as_deref().is_some_and(|it| it.contains("took longer")));
    let_go(folder, "b.nfo");
}

#[tokio::test]
async fn a_disk_on_which_many_files_hang_is_given_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let names: Vec<String> = (0..MAX_SILENT).map(|it| format!("{it}.nfo")).collect();
    for name in &names {
        hung(folder, name);
    }
    let units = names.iter().map(|it| unit(it)).collect();
    let error = files(folder).read(units).await.expect_err("nothing answers");
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    for name in &names {
        let_go(folder, name);
    }
}
