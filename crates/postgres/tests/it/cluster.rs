//! A private cluster from its first start to its last stop.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use sqlx::Executor;
use tokio::time::timeout;

use crate::{connect, open, process, refused, scalar};

#[tokio::test]
async fn a_new_cluster_has_checksums_a_fixed_locale_and_no_open_port() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = open(folder.path()).await;
    let mut connection = connect(&server).await;

    for (setting, expected) in [
        ("SELECT current_setting('data_checksums')", "on"),
        ("SELECT current_setting('listen_addresses')", ""),
        ("SELECT current_setting('server_encoding')", "UTF8"),
        ("SELECT current_setting('TimeZone')", "UTC"),
        ("SELECT datlocale::text FROM pg_database WHERE datname = 'revenge'", "C.UTF-8"),
        ("SELECT current_database()::text", "revenge"),
    ] {
        assert_eq!(scalar(&mut connection, setting).await, expected, "{setting}");
    }
    assert!(server.version().starts_with("18."), "{}", server.version());
    let socket = folder.path().join("run").metadata().expect("the socket's folder");
    assert_eq!(socket.permissions().mode() & 0o777, 0o700);

    server.stop().await;
}

#[tokio::test]
async fn a_stop_leaves_no_process_and_a_second_start_finds_the_rows() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = open(folder.path()).await;
    let first = server.pid().expect("it runs");
    connect(&server)
        .await
        .execute("CREATE TABLE kept AS SELECT 'row' AS what")
        .await
        .expect("a table");
    server.stop().await;
    assert!(!process::is_running(first));

    let server = open(folder.path()).await;
    assert_ne!(server.pid(), Some(first));
    assert_eq!(scalar(&mut connect(&server).await, "SELECT what FROM kept").await, "row");
    server.stop().await;
}

#[tokio::test]
async fn a_start_that_is_given_up_takes_its_server_with_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = open(folder.path()).await;
    let pid = server.pid().expect("it runs");
    drop(server);
    process::gone(pid).await;
}

#[tokio::test]
async fn half_a_cluster_of_a_crash_is_thrown_away() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let half = folder.path().join("data.new-1");
    std::fs::create_dir(&half).expect("half a cluster");
    std::fs::write(half.join("PG_VERSION"), "18\n").expect("half a cluster");

    let server = open(folder.path()).await;
    assert!(!half.exists());
    server.stop().await;
}

#[tokio::test]
async fn a_long_path_still_gets_a_socket() {
    let above = tempfile::tempdir().expect("a temporary folder");
    let folder = above.path().join("x".repeat(120));
    let server = open(&folder).await;
    assert_eq!(scalar(&mut connect(&server).await, "SELECT 'yes'").await, "yes");
    let socket = server.options().get_socket().expect("on a socket").clone();
    assert!(!socket.starts_with(above.path()));
    server.stop().await;
    std::fs::remove_dir_all(socket).expect("made for this test alone");
}

#[tokio::test]
async fn a_second_server_on_the_folder_is_told_who_has_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = open(folder.path()).await;
    let refusal = refused(folder.path()).await;
    assert!(refusal.contains("in use by another Revenge"), "{refusal}");
    assert!(refusal.contains(&format!("process {}", std::process::id())), "{refusal}");
    server.stop().await;
}

#[tokio::test]
async fn a_killed_server_is_started_again_and_pools_find_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = open(folder.path()).await;
    let config = postgres::PoolConfig::new("public", 2);
    let pool = postgres::pool(server.options(), config).await.expect("a pool");
    sqlx::query("CREATE TABLE kept AS SELECT 'row' AS what").execute(&pool).await.expect("a table");
    sqlx::query("CHECKPOINT").execute(&pool).await.expect("written, fsync is off here");

    let first = server.pid().expect("it runs");
    process::kill(first);
    process::gone(first).await;

    let found = timeout(Duration::from_mins(1), async {
        loop {
            match sqlx::query_scalar::<_, String>("SELECT what FROM kept").fetch_one(&pool).await {
                Ok(what) => break what,
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    })
    .await
    .expect("the pool finds the new server");
    assert_eq!(found, "row");
    assert_ne!(server.pid(), Some(first));
    pool.close().await;
    server.stop().await;
}

#[tokio::test]
async fn what_a_killed_program_left_running_is_adopted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let holder = process::Holder::start(folder.path()).await;
    let refusal = refused(folder.path()).await;
    assert!(refusal.contains(&format!("process {}", holder.pid())), "{refusal}");
    let left = holder.server;
    holder.kill().await;
    assert!(process::is_running(left));

    let server = open(folder.path()).await;
    assert_eq!(server.pid(), Some(left));
    assert_eq!(scalar(&mut connect(&server).await, "SELECT 'yes'").await, "yes");
    server.stop().await;
    assert!(!process::is_running(left));
}

#[tokio::test]
async fn when_both_were_killed_the_next_start_recovers() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let holder = process::Holder::start(folder.path()).await;
    let left = holder.server;
    holder.kill().await;
    process::kill(left);
    process::gone(left).await;

    let server = open(folder.path()).await;
    assert_ne!(server.pid(), Some(left));
    assert_eq!(scalar(&mut connect(&server).await, "SELECT 'yes'").await, "yes");
    server.stop().await;
}
