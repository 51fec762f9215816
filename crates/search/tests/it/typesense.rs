//! What is particular to the Typesense engine; and that the test server is one, by Typesense's own client.

#![expect(clippy::disallowed_methods, reason = "runs a foreign client")]

use futures::stream;
use kernel::Error;
use search::{Search, TypesenseConfig};
use testkit::python::python;
use testkit::typesense::{API_KEY, TypesenseServer};

use crate::films::{film, library, typed};

fn search_on(url: &str, api_key: &str) -> Search {
    let config = TypesenseConfig {
        url: url.parse().unwrap(),
        api_key: api_key.into(),
        collection: "revenge_items".into(),
    };
    Search::typesense(outbound::trusted_client().unwrap(), config)
}

#[tokio::test]
async fn a_server_that_is_away_or_ill_is_unavailable_and_used_again_when_it_is_well() {
    let server = TypesenseServer::start().await;
    let search = search_on(server.url(), API_KEY);
    search.upsert(&library()).await.unwrap();
    server.set_broken(true);
    assert!(matches!(search.health().await, Err(Error::Unavailable { .. })));
    assert!(matches!(search.query(&typed("matrix")).await, Err(Error::Unavailable { .. })));
    assert!(matches!(search.upsert(&[film("New", 1.0)]).await, Err(Error::Unavailable { .. })));
    server.set_broken(false);
    search.health().await.unwrap();
    assert_eq!(search.query(&typed("matrix")).await.unwrap().found, 3);

    let nobody = search_on("http://127.0.0.1:1", API_KEY);
    assert!(matches!(nobody.health().await, Err(Error::Unavailable { .. })));
    assert!(matches!(nobody.query(&typed("matrix")).await, Err(Error::Unavailable { .. })));
}

#[tokio::test]
async fn a_wrong_key_is_told_as_such() {
    let server = TypesenseServer::start().await;
    let Err(Error::Unavailable { source, .. }) = search_on(server.url(), "wrong").health().await
    else {
        panic!("a wrong key is no health");
    };
    assert!(source.to_string().contains("search.api_key"), "{source}");
}

#[tokio::test]
async fn a_second_node_finds_what_the_first_made_and_old_collections_go() {
    let server = TypesenseServer::start().await;
    let first = search_on(server.url(), API_KEY);
    first.rebuild(stream::iter([Ok(library())])).await.unwrap();
    let second = search_on(server.url(), API_KEY);
    assert!(!second.needs_rebuild().await.unwrap());
    assert_eq!(second.query(&typed("matrix")).await.unwrap().found, 3);
    second.rebuild(stream::iter([Ok(library())])).await.unwrap();
    assert_eq!(first.query(&typed("matrix")).await.unwrap().found, 3);
    assert_eq!(server.collections().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_test_server_satisfies_the_official_client() {
    let server = TypesenseServer::start().await;
    let (host, port) =
        server.url().trim_start_matches("http://").split_once(':').expect("an address");
    let output = tokio::process::Command::new(python())
        .args(["-c", include_str!("official_client.py"), host, port, API_KEY])
        .output()
        .await
        .expect("python runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "pip package typesense, see crates/testkit/requirements.txt: {said}"
    );
}
