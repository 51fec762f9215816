//! What is wrong is said, with the way out.

use postgres::Target;
use postgres::cluster::PrivateConfig;

use crate::{config, open, refused};

#[tokio::test]
async fn a_cluster_of_another_version_is_refused_untouched() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    open(folder.path()).await.stop().await;
    let version = folder.path().join("data/PG_VERSION");
    std::fs::write(&version, "17\n").expect("an older cluster");

    let refusal = refused(folder.path()).await;
    assert!(refusal.contains("was made by PostgreSQL 17"), "{refusal}");
    assert!(refusal.contains("nothing was changed"), "{refusal}");
    assert!(
        refusal.contains("database.binaries") && refusal.contains("revenge backup"),
        "{refusal}"
    );

    std::fs::write(&version, "18\n").expect("the right one");
    open(folder.path()).await.stop().await;
}

#[tokio::test]
async fn a_data_folder_that_is_no_cluster_is_left_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let precious = folder.path().join("data/photo.jpg");
    std::fs::create_dir(folder.path().join("data")).expect("a folder");
    std::fs::write(&precious, "precious").expect("a file");

    let refusal = refused(folder.path()).await;
    assert!(refusal.contains("data/PG_VERSION"), "{refusal}");
    assert!(precious.exists());
}

#[tokio::test]
async fn missing_programs_are_asked_for_by_name() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let empty = folder.path().join("empty");
    let config = PrivateConfig { binaries: Some(empty.clone()), ..config(folder.path()) };
    let refusal =
        postgres::open(Target::Private(config)).await.expect_err("no programs").to_string();
    assert!(refusal.contains(&format!("none in {}", empty.display())), "{refusal}");
    assert!(refusal.contains("postgresql-18"), "{refusal}");
    assert!(refusal.contains("database.binaries"), "{refusal}");
}

#[tokio::test]
async fn a_server_that_cannot_start_is_quoted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    open(folder.path()).await.stop().await;
    let settings = folder.path().join("data/postgresql.conf");
    std::fs::write(settings, "no_such_setting = on\n").expect("a broken file");

    let refusal = refused(folder.path()).await;
    assert!(refusal.starts_with("postgres failed: "), "{refusal}");
    assert!(refusal.contains("no_such_setting"), "{refusal}");
}

#[tokio::test]
async fn a_stale_pid_file_that_names_a_living_stranger_is_no_obstacle() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    open(folder.path()).await.stop().await;
    let data = folder.path().join("data");
    let stranger = std::process::id();
    let text =
        format!("{stranger}\n{}\n1790000000\n5432\n/run/x\n\n  1 1\nready\n", data.display());
    std::fs::write(data.join("postmaster.pid"), text).expect("a stale file");

    open(folder.path()).await.stop().await;
}

#[tokio::test]
async fn an_external_server_that_refuses_us_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = open(folder.path()).await;
    let stranger = server.options().clone().username("stranger");
    let refusal =
        postgres::open(Target::External(Box::new(stranger))).await.expect_err("no such user");
    assert!(refusal.to_string().contains(&folder.path().display().to_string()), "{refusal}");
    let cause = std::error::Error::source(&refusal).expect("what the server said").to_string();
    assert!(cause.contains("role \"stranger\" does not exist"), "{cause}");

    let external = server.options().clone();
    let external =
        postgres::open(Target::External(Box::new(external))).await.expect("it is new enough");
    assert_eq!(external.pid(), None);
    external.stop().await;
    assert!(server.pid().is_some_and(crate::process::is_running), "not ours to stop");
    server.stop().await;
}
