//! The folder of kept segments: its bounds, and what becomes of files that others laid hands on.

use std::sync::atomic::AtomicU64;

use tempfile::TempDir;

use super::*;

/// Bytes of each segment's file in these tests.
const SIZE: u64 = 10_000;

fn name(number: u64) -> Name {
    Name::of(&[&number.to_be_bytes()])
}

fn made(number: u64) -> Arc<Made> {
    let empty = Made { init: vec![1; 40], segment: Vec::new(), n_missing: 0 };
    let rest = (SIZE - form::size(&empty)) as usize;
    Arc::new(Made { segment: vec![number as u8; rest], ..empty })
}

fn settings(folder: &TempDir, max_files: u64) -> Settings {
    let folder = folder.path().join("made");
    Settings { folder, max_bytes: SIZE * max_files, min_free_bytes: 0 }
}

fn open(folder: &TempDir, max_files: u64) -> Inner {
    Inner::new(settings(folder, max_files), Box::new(|_| Ok(u64::MAX)))
}

fn count(inner: &Inner) {
    (0..=u8::MAX).for_each(|shelf| inner.count_shelf(shelf));
}

/// The files that lie there, and their bytes.
fn lying(folder: &TempDir) -> (usize, u64) {
    let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    let shelves = entries(&folder.path().join("made")).map(|it| it.path());
    let files: Vec<_> = shelves.flat_map(|it| entries(&it).collect::<Vec<_>>()).collect();
    // One that is deleted at this moment lies there no more.
    let sizes: Vec<u64> = files.iter().filter_map(|it| Some(it.metadata().ok()?.len())).collect();
    (sizes.len(), sizes.iter().sum())
}

fn kept(inner: &Inner, numbers: std::ops::Range<u64>) -> Vec<u64> {
    numbers.filter(|it| inner.read(&name(*it)).is_some()).collect()
}

#[test]
fn the_quota_holds_under_many_writes_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = open(&folder, 7);
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let (inner, folder) = (&inner, &folder);
            scope.spawn(move || {
                for number in 0..50 {
                    inner.write(&name(writer * 25 + number), &made(number));
                    let _turn = inner.writing.lock().expect("nobody failed");
                    assert!(lying(folder).1 <= SIZE * 7);
                }
            });
        }
    });
    assert_eq!(lying(&folder), (7, SIZE * 7));
    assert_eq!(inner.order().bytes(), SIZE * 7);
}

#[test]
fn several_programs_may_write_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let inner = open(&folder, 100);
                (0..30).for_each(|it| inner.write(&name(it), &made(it)));
                assert_eq!(kept(&inner, 0..30), (0..30).collect::<Vec<_>>());
            });
        }
    });
    assert_eq!(lying(&folder), (30, SIZE * 30));
}

#[test]
fn what_was_used_longest_ago_goes_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = open(&folder, 3);
    (0..3).for_each(|it| inner.write(&name(it), &made(it)));
    assert_eq!(inner.read(&name(0)).as_ref(), Some(&*made(0)));
    inner.write(&name(3), &made(3));
    assert_eq!(kept(&inner, 0..4), [0, 2, 3]);
    let huge = Made { segment: vec![0; SIZE as usize * 3], ..(*made(9)).clone() };
    inner.write(&name(9), &huge);
    assert_eq!(kept(&inner, 0..10), [0, 2, 3], "what is larger than the quota drives out nothing");
}

#[test]
fn below_the_floor_old_ones_are_deleted_and_nothing_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    // What others leave of the disk; our files take of it.
    let others = Arc::new(AtomicU64::new(SIZE * 15));
    let free = Arc::clone(&others);
    let disk = folder.path().to_owned();
    let free_bytes = move |_: &Path| {
        let files = fs::read_dir(disk.join("made"))?.flatten();
        let shelves = files.flat_map(|it| fs::read_dir(it.path()).into_iter().flatten());
        let taken: u64 =
            shelves.map(|it| it?.metadata().map(|it| it.len())).sum::<Result<_, _>>()?;
        Ok(free.load(Ordering::Relaxed).saturating_sub(taken))
    };
    let settings = Settings { min_free_bytes: SIZE * 10, ..settings(&folder, 100) };
    let inner = Inner::new(settings, Box::new(free_bytes));
    (0..8).for_each(|it| inner.write(&name(it), &made(it)));
    assert_eq!(kept(&inner, 0..8), [3, 4, 5, 6, 7], "the floor takes the place of the quota");
    others.store(SIZE * 12, Ordering::Relaxed);
    inner.trim();
    assert_eq!(kept(&inner, 0..8), [6, 7], "others filled the disk meanwhile");
    others.store(SIZE * 5, Ordering::Relaxed);
    inner.write(&name(8), &made(8));
    assert_eq!(kept(&inner, 0..9), [] as [u64; 0]);
    assert_eq!(lying(&folder), (0, 0));
}

#[test]
fn a_file_that_is_not_whole_is_not_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = open(&folder, 100);
    (0..4).for_each(|it| inner.write(&name(it), &made(it)));
    let file = |number| File::options().write(true).open(inner.path(&name(number))).expect("it");
    file(0).set_len(SIZE / 2).expect("cut");
    std::os::unix::fs::FileExt::write_all_at(&file(1), b"noise", SIZE / 2).expect("written");
    fs::rename(inner.path(&name(2)), inner.path(&name(3))).expect("one in place of another");
    assert_eq!(kept(&inner, 0..4), [] as [u64; 0]);
    assert_eq!(lying(&folder).0, 0, "they are deleted");
    assert_eq!(inner.order().bytes(), 0);
    inner.write(&name(1), &made(1));
    assert_eq!(kept(&inner, 0..4), [1], "made anew");
}

#[test]
fn the_folder_may_be_deleted_at_any_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = open(&folder, 3);
    (0..3).for_each(|it| inner.write(&name(it), &made(it)));
    fs::remove_dir_all(folder.path().join("made")).expect("deleted");
    assert!(inner.read(&name(0)).is_none());
    (5..7).for_each(|it| inner.write(&name(it), &made(it)));
    assert_eq!(kept(&inner, 0..9), [5, 6]);
    assert!(!inner.has_complained.load(Ordering::Relaxed));
}

#[test]
fn what_cannot_be_written_is_no_ones_problem() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("made"), "a file where the folder should be").expect("written");
    let inner = open(&folder, 3);
    inner.write(&name(0), &made(0));
    inner.write(&name(1), &made(1));
    assert!(inner.has_complained.load(Ordering::Relaxed));
    assert!(inner.read(&name(0)).is_none());
    assert_eq!(inner.order().bytes(), 0);
}

#[test]
fn a_start_finds_what_was_there_in_the_order_of_its_use() {
    let folder = tempfile::tempdir().expect("a folder");
    let before = open(&folder, 100);
    (0..4).for_each(|it| before.write(&name(it), &made(it)));
    let long_ago = SystemTime::now() - Duration::from_hours(9);
    for (number, age) in [(0, 3), (1, 1), (2, 4), (3, 2)] {
        let file = File::options().write(true).open(before.path(&name(number))).expect("it");
        file.set_modified(long_ago - Duration::from_hours(age)).expect("its time");
    }
    assert!(before.read(&name(2)).is_some(), "and marked as used");
    let shelf = before.path(&name(0));
    let shelf = shelf.parent().expect("a shelf");
    let unfinished = File::create(shelf.join("x.1-1.part")).expect("a file");
    unfinished.set_modified(long_ago).expect("its time");
    fs::write(shelf.join("y.1-2.part"), "in work").expect("written");
    fs::write(shelf.join("NOTES"), "of somebody").expect("written");

    let after = open(&folder, 2);
    count(&after);
    assert_eq!(after.order().len(), 4);
    assert_eq!(after.order().bytes(), SIZE * 4);
    assert!(!shelf.join("x.1-1.part").exists() && shelf.join("y.1-2.part").exists());
    after.trim();
    assert_eq!(kept(&after, 0..4), [1, 2], "the smaller quota holds");
    assert!(shelf.join("NOTES").exists());
}

#[tokio::test]
async fn nothing_is_kept_where_that_is_switched_off() {
    let folder = tempfile::tempdir().expect("a folder");
    (0..4).for_each(|it| open(&folder, 100).write(&name(it), &made(it)));
    let off = Kept::open(Some(settings(&folder, 0)));
    off.keep(name(9), made(9));
    assert!(off.find(name(1)).await.is_none());
    let started = std::time::Instant::now();
    while lying(&folder).0 > 0 {
        assert!(started.elapsed() < Duration::from_secs(15), "what was kept is deleted");
        tokio::task::yield_now().await;
    }
    let none = Kept::open(None);
    none.keep(name(9), made(9));
    assert!(none.find(name(9)).await.is_none());
}

#[tokio::test]
async fn a_segment_with_gaps_is_made_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = Kept::open(Some(settings(&folder, 100)));
    kept.keep(name(1), Arc::new(Made { n_missing: 1, ..(*made(1)).clone() }));
    kept.keep(name(2), made(2));
    let started = std::time::Instant::now();
    while kept.find(name(2)).await.is_none() {
        assert!(started.elapsed() < Duration::from_secs(15), "it is kept soon");
    }
    assert!(kept.find(name(1)).await.is_none());
}
