//! What the server may not read takes nothing away. Root may read everything, so these tests run without that right.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rustix::thread::{CapabilitySet, capabilities, set_capabilities};

use crate::films::{matroska, numbered};
use crate::house::{House, watch};
use crate::store::find_problem;

/// Runs a test in a thread that has no more rights than the bits of a file give it, and so have all threads it starts.
fn without_privileges(test: impl Future<Output = ()> + Send + 'static) {
    let thread = std::thread::spawn(|| {
        let mut sets = capabilities(None).expect("its own rights");
        let reading = CapabilitySet::DAC_OVERRIDE | CapabilitySet::DAC_READ_SEARCH;
        sets.effective -= reading;
        sets.permitted -= reading;
        set_capabilities(None, sets).expect("rights may be given away");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(test);
    });
    thread.join().expect("the test holds");
}

fn close(path: &Path) {
    fs::set_permissions(path, Permissions::from_mode(0o000)).expect("closed");
    let answer =
        if path.is_dir() { fs::read_dir(path).map(|_| ()) } else { fs::read(path).map(|_| ()) };
    answer.expect_err("it is closed for us");
}

fn open(path: &Path) {
    fs::set_permissions(path, Permissions::from_mode(0o755)).expect("open again");
}

async fn furnished() -> House {
    let house = House::new().await;
    house.write("Heat (1995)/Heat (1995).mkv", &numbered(matroska(), 1));
    house.write("Dune (2021)/Dune (2021).mkv", &numbered(matroska(), 2));
    house.scan().await;
    house
}

const CLOSED: &str = "Revenge may not read it: check its owner and permissions";

#[test]
fn a_folder_that_may_not_be_read_loses_nothing_and_is_told() {
    without_privileges(async {
        let house = furnished().await;
        let (rows, heat) = (house.rows().await, house.path("Heat (1995)"));
        close(&heat);
        let scan = house.scan().await;
        assert_eq!((scan.counts.missing, scan.counts.problems), (0, 1));
        assert_eq!(house.rows().await, rows);
        let problem = format!("Heat (1995): {CLOSED}");
        let told = "SELECT path || ': ' || reason FROM folder_problem";
        assert_eq!(house.text(told).await, Some(problem.clone()));
        // The same when only that folder is looked at: it is not gone.
        let scan = house.try_scan(Some(&heat), &watch(|| false)).await.expect("a scan");
        assert_eq!(scan.counts.missing, 0);
        assert_eq!(house.rows().await, rows);
        assert_eq!(house.text(told).await, Some(problem));
        open(&heat);
        house.scan().await;
        assert_eq!(house.count("SELECT count(*) FROM folder_problem").await, 0);
        assert_eq!(house.rows().await, rows);
    });
}

#[test]
fn a_library_that_may_not_be_read_loses_nothing_and_warns() {
    without_privileges(async {
        let house = furnished().await;
        let rows = house.rows().await;
        close(house.root.path());
        let scan = house.scan().await;
        assert_eq!(scan.counts.missing, 0);
        assert_eq!(house.rows().await, rows);
        let warning = house.text("SELECT warning FROM library").await.expect("a warning");
        assert!(warning.contains("cannot be read") && warning.contains(CLOSED), "{warning}");
        let heat = house.path("Heat (1995)");
        house.try_scan(Some(&heat), &watch(|| false)).await.expect("a scan");
        assert_eq!(house.rows().await, rows);
        open(house.root.path());
        house.scan().await;
        assert_eq!(house.text("SELECT warning FROM library").await, None);
        assert_eq!(house.rows().await, rows);
    });
}

#[test]
fn a_file_that_may_not_be_read_is_tried_again_when_it_may() {
    without_privileges(async {
        let house = House::new().await;
        let heat = house.write("Heat (1995)/Heat (1995).mkv", &numbered(matroska(), 1));
        close(&heat);
        house.scan().await;
        assert_eq!(find_problem(&house.pool, "Heat%").await, CLOSED);
        assert_eq!(house.count("SELECT count(*) FROM item").await, 1, "its name is known");
        // Neither its size nor its time changes.
        open(&heat);
        house.scan().await;
        assert_eq!(house.count("SELECT count(*) FROM file WHERE problem IS NOT NULL").await, 0);
        assert_eq!(house.count("SELECT count(*) FROM stream").await, 2);
    });
}
