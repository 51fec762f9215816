use kernel::Error;
use serde_json::json;

use super::*;
use crate::library::NewLibrary;
use crate::sample::{SCAN_JOB, Sample, administrator, list_asked, viewer};
use crate::stored_path;

#[tokio::test]
async fn a_call_asks_for_scans_of_the_folders_it_names() {
    let it = Sample::start().await;
    let admin = administrator([]);
    let root = stored_path::to_text(it.folder.path());
    let folders = vec![root.clone()];
    let new = NewLibrary {
        name: "Films".to_owned(),
        kind: "movies".to_owned(),
        folders,
        ..Default::default()
    };
    let library = it.catalog.create_library(&admin, new).await.expect("made").id;
    let mappings = vec![PathMapping { from: "/movies".to_owned(), to: root.clone() }];
    let patch = WebhookPatch { path_mappings: mappings.clone() };
    let webhook = it.catalog.update_webhook(&admin, patch).await.expect("changed");
    assert_eq!(webhook.path_mappings, mappings);

    let call = json!({ "eventType": "Download", "instanceName": "Radarr",
        "movie": { "folderPath": "/movies/Heat (1995)" },
        "movieFile": { "path": "/movies/Heat (1995)/Heat.mkv", "previousPath": "/nowhere/x.mkv" } });
    let call: Call = serde_json::from_value(call).expect("a call");
    let answer = it.catalog.receive_call(&call).await.expect("received");
    let folder = format!("{root}/Heat (1995)");
    let scan = CalledScan { library_id: library, folder: Some(folder.clone()), job_id: SCAN_JOB };
    let unknown_paths = vec!["/nowhere/x.mkv".to_owned()];
    assert_eq!(answer, CallAnswer { scans: vec![scan], unknown_paths: unknown_paths.clone() });
    let mut db = it.catalog.connection().await.expect("a connection");
    assert_eq!(list_asked(&mut db, library).await, [folder]);
    let last =
        it.catalog.find_webhook(&admin).await.expect("the webhook").last_call.expect("a call");
    assert_eq!(
        (last.event.as_str(), last.scans, last.unknown_paths),
        ("Download", 1, unknown_paths)
    );
}

#[tokio::test]
async fn a_call_leads_nowhere_outside_of_the_libraries() {
    let it = Sample::start().await;
    let root = stored_path::to_text(it.folder.path());
    let folders = vec![root.clone()];
    let new = NewLibrary {
        name: "Films".to_owned(),
        kind: "movies".to_owned(),
        folders,
        ..Default::default()
    };
    it.catalog.create_library(&administrator([]), new).await.expect("made");
    for path in
        ["/", "/etc/passwd", "relative", &format!("{root}/../etc"), "a\0b", &"x".repeat(5000)]
    {
        let call = Call { path: Some((*path).to_owned()), ..Call::default() };
        assert_eq!(it.catalog.receive_call(&call).await.expect("received").scans, [], "{path}");
    }
}

#[tokio::test]
async fn a_new_token_ends_the_old_one() {
    let it = Sample::start().await;
    let admin = administrator([]);
    assert!(!it.catalog.is_webhook_token("").await.expect("asked"), "nobody made one yet");
    let first = it.catalog.find_webhook(&admin).await.expect("the webhook").token;
    assert_eq!(it.catalog.find_webhook(&admin).await.expect("the webhook").token, first);
    assert!(it.catalog.is_webhook_token(&first).await.expect("asked"));
    let second = it.catalog.rotate_webhook_token(&admin).await.expect("rotated").token;
    assert!(!it.catalog.is_webhook_token(&first).await.expect("asked"));
    assert!(it.catalog.is_webhook_token(&second).await.expect("asked"));

    let person = viewer(2, []);
    for refused in [
        it.catalog.find_webhook(&person).await,
        it.catalog.rotate_webhook_token(&person).await,
        it.catalog.update_webhook(&person, WebhookPatch { path_mappings: Vec::new() }).await,
    ] {
        assert!(matches!(refused, Err(Error::Forbidden(_))));
    }
    for (from, to, field) in
        [("", "/a", "from"), ("/a", "a", "to"), ("/a", "", "to"), ("\0", "/a", "from")]
    {
        let path_mappings = vec![PathMapping { from: from.to_owned(), to: to.to_owned() }];
        let refused = it.catalog.update_webhook(&admin, WebhookPatch { path_mappings }).await;
        let name = format!("path_mappings[0].{field}");
        assert!(
            matches!(refused, Err(Error::Invalid { field, .. }) if field == name),
            "{from} {to}"
        );
    }
}
