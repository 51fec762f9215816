//! What only an ordinary user meets, tried as `nobody` when the tests run as root.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use crate::{connect, open, process, refused, scalar};

const NOBODY: u32 = 65534;

#[tokio::test]
async fn an_ordinary_user_needs_nothing_special() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    give_to_nobody(folder.path());
    as_ordinary_user("ordinary_user::start_and_stop", folder.path()).await;
}

#[tokio::test]
async fn a_folder_of_somebody_else_is_refused_by_name() {
    // Root's in every system; nothing is written there, it is refused before.
    as_ordinary_user("ordinary_user::be_refused", Path::new("/usr/lib")).await;
}

#[tokio::test]
async fn the_cluster_of_a_user_is_run_as_that_user_even_by_root() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    give_to_nobody(folder.path());
    let owner = folder.path().metadata().expect("its owner").uid();
    let server = open(folder.path()).await;
    assert_eq!(scalar(&mut connect(&server).await, "SELECT 'yes'").await, "yes");
    let process = format!("/proc/{}", server.pid().expect("it runs"));
    assert_eq!(std::fs::metadata(process).expect("it runs").uid(), owner);
    server.stop().await;
}

async fn as_ordinary_user(test: &str, folder: &Path) {
    let child = process::again(test, folder, |command| {
        if rustix::process::geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
    });
    let output = child.wait_with_output().await.expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

fn give_to_nobody(folder: &Path) {
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(folder, Some(NOBODY), Some(NOBODY)).expect("root may");
        std::fs::set_permissions(folder, PermissionsExt::from_mode(0o700)).expect("root may");
    }
}

#[tokio::test]
#[ignore = "run as another user by `an_ordinary_user_needs_nothing_special`"]
async fn start_and_stop() {
    assert!(!rustix::process::geteuid().is_root());
    let server = open(&process::folder()).await;
    assert_eq!(scalar(&mut connect(&server).await, "SELECT 'yes'").await, "yes");
    server.stop().await;
}

#[tokio::test]
#[ignore = "run as another user by `a_folder_of_somebody_else_is_refused_by_name`"]
async fn be_refused() {
    let folder = process::folder();
    let refusal = refused(&folder).await;
    let expected = format!("{} belongs to user id 0, we run as", folder.display());
    assert!(refusal.starts_with(&expected), "{refusal}");
}
