//! Files to keep: under their own names, part by part, for those who may.

use axum::http::Method;
use serde_json::json;

use crate::app::{Answer, App, Caller, PASSWORD};
use crate::process::make_clip;
use crate::roles::own_role;

/// Names of films on the disk, and as a browser is told them.
const NAMES: [(&str, &str, &str); 3] = [
    ("Moon (2009).mp4", "Moon (2009).mp4", "Moon%20%282009%29.mp4"),
    (
        "Amélie \"50%\" (2001).mp4",
        "Am_lie _50__ (2001).mp4",
        "Am%C3%A9lie%20%2250%25%22%20%282001%29.mp4",
    ),
    (
        "Solaris\r\nX-Evil: 1\\; (1972).mp4",
        "Solaris__X-Evil: 1_; (1972).mp4",
        "Solaris__X-Evil%3A%201_%3B%20%281972%29.mp4",
    ),
];

async fn ask(
    app: &App,
    by: &Caller,
    method: Method,
    path: &str,
    with: &[(&'static str, &str)],
) -> Answer {
    let caller = with.iter().fold(by.clone(), |caller, (name, value)| caller.with(name, *value));
    app.send(&caller, method, path, None).await
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).map_or("", |it| it.to_str().expect("text"))
}

#[tokio::test]
async fn a_file_is_kept_under_its_own_name_and_gone_on_with() {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    let clip = folder.join(NAMES[0].0);
    make_clip(&clip);
    let bytes = std::fs::read(&clip).expect("a clip");
    for (name, ..) in &NAMES[1..] {
        std::fs::copy(&clip, folder.join(name)).expect("space for it");
    }
    app.scan(&owner, &library).await;
    let found = app.get(&owner, &format!("/items?library_id={library}")).await.json();
    let mut told = Vec::new();
    for item in found["items"].as_array().expect("a list") {
        let body = json!({ "item_id": item["id"] });
        let playback = app.post(&owner, "/playback", body).await.json();
        let file = playback["file_id"].as_str().expect("an id");
        let path = format!("/api/v1/playback/streams/{file}?download=true");
        let head = ask(&app, &owner, Method::HEAD, &path, &[]).await;
        let whole = ask(&app, &owner, Method::GET, &path, &[]).await;
        assert_eq!((head.status.as_u16(), whole.status.as_u16()), (200, 200));
        assert_eq!(whole.body, bytes);
        let name = header(&whole, "content-disposition").to_owned();
        assert_eq!(header(&head, "content-disposition"), name);
        assert!(whole.headers.get("x-evil").is_none());

        // An interrupted download goes on where it was, while the file is the same.
        let etag = header(&whole, "etag");
        let part = [("range", "bytes=100-"), ("if-range", etag)];
        let rest = ask(&app, &owner, Method::GET, &path, &part).await;
        assert_eq!((rest.status.as_u16(), header(&rest, "content-disposition")), (206, &*name));
        assert_eq!(rest.body, bytes[100..]);
        let other = [("range", "bytes=100-"), ("if-range", "\"other\"")];
        assert_eq!(ask(&app, &owner, Method::GET, &path, &other).await.body, bytes);
        let known = [("if-none-match", etag)];
        assert_eq!(ask(&app, &owner, Method::GET, &path, &known).await.status, 304);

        // The signed address of a player does it, too; without being asked nothing is to be kept.
        let signed = playback["file_url"].as_str().expect("an address");
        let nobody = Caller::nobody();
        let kept = ask(&app, &nobody, Method::GET, &format!("{signed}&download=true"), &[]).await;
        assert_eq!(header(&kept, "content-disposition"), name);
        let played = ask(&app, &nobody, Method::GET, signed, &[]).await;
        assert_eq!((played.status.as_u16(), header(&played, "content-disposition")), (200, ""));
        told.push(name);
    }
    let mut expected = NAMES.map(|(_, plain, coded)| {
        format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{coded}")
    });
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn who_may_only_play_keeps_nothing() {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    make_clip(&folder.join("Moon (2009).mp4"));
    app.scan(&owner, &library).await;
    let found = app.get(&owner, &format!("/items?library_id={library}")).await.json();
    let body = json!({ "item_id": found["items"][0]["id"] });
    for (permissions, played, kept) in
        [(&["play"][..], 200, 403), (&["play", "download"], 200, 200), (&["download"], 403, 403)]
    {
        let name = permissions.join(" and ");
        let role = own_role(&app, &owner, &name, permissions).await;
        let grant = json!({ "name": name, "password": PASSWORD, "role_id": role, "library_ids": [library] });
        let by = app.person(&owner, grant).await;
        let playback = app.post(&owner, "/playback", body.clone()).await.json();
        let path =
            format!("/api/v1/playback/streams/{}", playback["file_id"].as_str().expect("an id"));
        for method in [Method::GET, Method::HEAD] {
            let answer = ask(&app, &by, method.clone(), &path, &[]).await;
            assert_eq!(answer.status, played, "{method} {name}");
            let answer =
                ask(&app, &by, method.clone(), &format!("{path}?download=true"), &[]).await;
            assert_eq!(answer.status, kept, "{method} {name}");
        }
    }
    let strange = ask(
        &app,
        &owner,
        Method::GET,
        "/api/v1/playback/streams/01890a5d-ac96-774b-bcce-b302099a8057?download=x",
        &[],
    )
    .await;
    assert_eq!(strange.status, 422);
}
