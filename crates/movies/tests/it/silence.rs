//! Disks and shares that do not answer: nothing is lost, nobody waits, and the rest is scanned.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use catalog::door::Door;
use media::Tools;
use rustix::fs::{CWD, FileType, Mode, OFlags};

use crate::films::{matroska, numbered};
use crate::house::{House, watch};
use crate::store::find_problem;

const PATIENCE: Duration = Duration::from_millis(400);

/// A door behind which `dead` hangs until the sender is dropped.
fn hanging(dead: PathBuf) -> (Door, mpsc::Sender<()>) {
    let (let_go, held) = mpsc::channel();
    let held = Mutex::new(held);
    let door = Door::knocking(PATIENCE, move |place| {
        if place == dead {
            let _ = held.lock().expect("nobody panicked").recv();
        }
    });
    (door, let_go)
}

#[tokio::test]
async fn a_share_that_hangs_keeps_its_films_and_the_others_are_scanned() {
    let mut house = House::new().await;
    house.write("nas/Heat (1995)/Heat (1995).mkv", &numbered(matroska(), 1));
    house.write("Dune (2021).mkv", &numbered(matroska(), 2));
    house.scan().await;
    let (door, let_go) = hanging(house.path("nas"));
    house.scanner.door = door;
    house.write("Alien (1979).mkv", &numbered(matroska(), 3));
    let scan = house.scan().await;
    assert_eq!((scan.counts.added, scan.counts.missing), (1, 0));
    let told = "SELECT path || ': ' || reason FROM folder_problem";
    let silent = "nas: the network share it lies on does not answer";
    assert_eq!(house.text(told).await.as_deref(), Some(silent));
    drop(let_go);
}

#[tokio::test]
async fn a_library_that_hangs_warns_and_loses_nothing() {
    let mut house = House::new().await;
    house.write("Heat (1995)/Heat (1995).mkv", &numbered(matroska(), 1));
    house.scan().await;
    let (rows, (other, films)) = (house.rows().await, house.second_library().await);
    let (door, let_go) = hanging(house.root.path().to_owned());
    house.scanner.door = door;
    // Again and again: no scan waits longer, and no thread more is lost.
    for _ in 0..3 {
        let scan = house.scan().await;
        assert_eq!(scan.counts.missing, 0);
        assert_eq!(house.rows().await, rows);
    }
    let warning = house.text("SELECT warning FROM library WHERE warning IS NOT NULL").await;
    let warning = warning.expect("a warning");
    assert!(warning.contains("does not answer"), "{warning}");
    fs::write(films.path().join("Dune (2021).mkv"), numbered(matroska(), 2)).expect("a film");
    assert_eq!(house.scan_other(other).await.counts.added, 1, "another library goes on");
    drop(let_go);
}

/// Whoever reads a pipe that nobody writes into waits without end.
fn become_pipe(path: &Path) {
    fs::remove_file(path).expect("deleted");
    let mode = Mode::RUSR | Mode::WUSR;
    rustix::fs::mknodat(CWD, path, FileType::Fifo, mode, 0).expect("a pipe");
}

/// Ends the waiting of all who read the pipe.
fn let_go(path: &Path) {
    let writer = rustix::fs::open(path, OFlags::WRONLY | OFlags::NONBLOCK, Mode::empty());
    drop(writer);
}

/// Scans when all films in one folder, `names`, turn into pipes between the walk and the reading.
async fn scan_pipes(house: &mut House, names: &[&str]) {
    house.scanner.tools = Arc::new(Tools { ffprobe: None, timeout: PATIENCE });
    let paths: Vec<PathBuf> = names
        .iter()
        .zip(1..)
        .map(|(name, number)| {
            house.write(&format!("Dead/{name}.mkv"), &numbered(matroska(), number))
        })
        .collect();
    // Asked for each folder that is walked, the library's and the one in it, then when the walk is over.
    let (asked, pipes) = (AtomicUsize::new(0), paths.clone());
    let watch = watch(move || {
        if asked.fetch_add(1, Ordering::SeqCst) == 2 {
            for pipe in &pipes {
                become_pipe(pipe);
            }
        }
        false
    });
    house.try_scan(None, &watch).await.expect("a scan");
    for path in &paths {
        let_go(path);
    }
}

#[tokio::test]
async fn one_file_that_hangs_is_one_problem() {
    let mut house = House::new().await;
    scan_pipes(&mut house, &["Heat (1995)"]).await;
    let problem = find_problem(&house.pool, "Dead/Heat%").await;
    assert!(problem.starts_with("reading it took longer than"), "{problem}");
    assert_eq!(house.text("SELECT warning FROM library").await, None);
}

#[tokio::test]
async fn a_disk_on_which_every_file_hangs_is_given_up_and_warned_of() {
    let mut house = House::new().await;
    let names: Vec<String> = (1..=9).map(|it| format!("Film {it} (200{it})")).collect();
    scan_pipes(&mut house, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let warning = house.text("SELECT warning FROM library").await.expect("a warning");
    assert!(warning.contains("does not answer"), "{warning}");
}
