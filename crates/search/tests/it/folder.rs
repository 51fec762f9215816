//! The index in a folder: it stays, it is one process's, and damage is mended by a rebuild.

use std::path::Path;

use futures::stream;
use kernel::Error;
use search::Search;

use crate::films::{film, library, typed};

async fn filled(folder: &Path) -> Search {
    let search = Search::in_folder(folder).await.unwrap();
    search.rebuild(stream::iter([Ok(library())])).await.unwrap();
    search
}

async fn found(search: &Search, text: &str) -> u64 {
    search.query(&typed(text)).await.unwrap().found
}

/// Folders of generations.
fn generations(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap());
    let folders = entries.filter(|it| it.path().is_dir());
    folders.map(|it| it.file_name().into_string().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_flushed_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let search = filled(folder.path()).await;
    search.upsert(&[film("Written later", 1.0)]).await.unwrap();
    search.flush().await.unwrap();
    drop(search);
    let search = Search::in_folder(folder.path()).await.unwrap();
    assert!(!search.needs_rebuild().await.unwrap());
    assert_eq!(found(&search, "matrix").await, 3);
    assert_eq!(found(&search, "written later").await, 1);
    assert_eq!(generations(folder.path()).len(), 1, "old generations are deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_is_found_after_a_while_without_a_flush() {
    let search = Search::in_memory().await.unwrap();
    search.upsert(&[film("Soon", 1.0)]).await.unwrap();
    let started_at = std::time::Instant::now();
    while found(&search, "soon").await == 0 {
        assert!(started_at.elapsed().as_secs() < 10, "committed by itself");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_in_use_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = filled(folder.path()).await;
    let second = Search::in_folder(folder.path()).await;
    assert!(matches!(second, Err(Error::Conflict { code: "search.folder_in_use", .. })));
    assert_eq!(found(&first, "matrix").await, 3, "and left as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_begins_an_empty_index_that_asks_for_a_rebuild() {
    for damaged in ["meta.json", "CURRENT", "everything"] {
        let folder = tempfile::tempdir().unwrap();
        drop(filled(folder.path()).await);
        let index = folder.path().join(generations(folder.path()).remove(0));
        match damaged {
            "CURRENT" => std::fs::write(folder.path().join("CURRENT"), "\0garbage").unwrap(),
            "everything" => std::fs::remove_dir_all(&index).unwrap(),
            name => std::fs::write(index.join(name), "{").unwrap(),
        }
        let search = Search::in_folder(folder.path()).await.unwrap();
        assert!(search.needs_rebuild().await.unwrap(), "after damage to {damaged}");
        assert_eq!(found(&search, "matrix").await, 0);
        search.rebuild(stream::iter([Ok(library())])).await.unwrap();
        assert!(!search.needs_rebuild().await.unwrap());
        assert_eq!(found(&search, "matrix").await, 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_of_another_form_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path()).await);
    let index = folder.path().join(generations(folder.path()).remove(0));
    std::fs::rename(index, folder.path().join("v0_7_full")).unwrap();
    std::fs::write(folder.path().join("CURRENT"), "v0_7_full").unwrap();
    let search = Search::in_folder(folder.path()).await.unwrap();
    assert!(search.needs_rebuild().await.unwrap());
    assert!(!generations(folder.path()).contains(&"v0_7_full".to_owned()));
}
