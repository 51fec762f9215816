//! Who may see one library never learns of another's content.

use axum::http::Method;
use kernel::BuiltInRole;
use serde_json::{Value, json};

use crate::access::operations;
use crate::app::{App, Caller, PASSWORD};
use crate::process::{make_clip, make_poster};

/// Every id in a document.
pub fn ids(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.len() == 36 && text.matches('-').count() == 4 => {
            found.push(text.clone());
        }
        Value::Array(values) => values.iter().for_each(|it| ids(it, found)),
        Value::Object(fields) => fields.values().for_each(|it| ids(it, found)),
        _ => {}
    }
}

async fn items_of(app: &App, caller: &Caller, library: &str) -> Vec<Value> {
    let page = app.get(caller, &format!("/items?library_id={library}")).await.json();
    page["items"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn every_get_is_scoped() {
    let (app, owner) = App::start_with_owner().await;
    let (mine, my_folder) = app.library(&owner, "Mine").await;
    let (theirs, their_folder) = app.library(&owner, "Theirs").await;
    for (folder, name) in [(my_folder, "Open Sky (2001)"), (their_folder, "Hidden Valley (2002)")] {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        make_clip(&folder.join(format!("{name}.mp4")));
        make_poster(&folder.join("poster.jpg"));
        std::fs::write(
            folder.join(format!("{name}.en.srt")),
            "1\n00:00:00,000 --> 00:00:01,000\nHello\n",
        )
        .expect("written");
    }
    app.scan(&owner, &mine).await;
    app.scan(&owner, &theirs).await;
    let hidden = items_of(&app, &owner, &theirs).await;
    assert_eq!(hidden.len(), 1, "the scan found the film");
    let hidden_item = hidden[0]["id"].as_str().expect("an id").to_owned();
    let detail = app.get(&owner, &format!("/items/{hidden_item}")).await.json();
    let mut secrets = vec![theirs.clone()];
    ids(&detail, &mut secrets);
    assert!(secrets.len() >= 4, "item, library, image and file have ids: {secrets:?}");

    let list = json!({ "name": "Hidden Valley", "is_shared": true, "item_ids": [hidden_item] });
    let list = app.post(&owner, "/playlists", list).await.json();
    secrets.push(list["id"].as_str().expect("an id").to_owned());

    let member = app
        .person(&owner, json!({ "name": "member", "password": PASSWORD, "library_ids": [mine] }))
        .await;
    assert_eq!(items_of(&app, &member, &mine).await.len(), 1, "one's own library is there");
    assert!(items_of(&app, &member, &theirs).await.is_empty());

    for operation in operations() {
        if operation.method != Method::GET
            || !operation.is_for(BuiltInRole::Member.permissions())
            || operation.id == "read_events"
        {
            continue;
        }
        for secret in &secrets {
            for suffix in [
                "",
                "?q=hidden",
                &format!("?library_id={theirs}"),
                &format!("?parent_id={hidden_item}"),
            ] {
                let path = operation.path_with(secret) + suffix;
                let answer = app.send(&member, Method::GET, &path, None).await;
                let text = answer.text();
                assert!(
                    !text.contains("Hidden Valley"),
                    "{} tells the title: {path}",
                    operation.id
                );
                let leaked = secrets.iter().find(|it| text.contains(it.as_str()));
                assert_eq!(leaked, None, "{} tells an id: {path} {text}", operation.id);
                if operation.path.contains('{') {
                    assert_eq!(answer.status, 404, "{} {path}", operation.id);
                }
            }
        }
    }
    for (method, path) in [
        (Method::PUT, format!("/api/v1/items/{hidden_item}/favourite")),
        (Method::PUT, format!("/api/v1/items/{hidden_item}/played")),
        (Method::DELETE, format!("/api/v1/items/{hidden_item}/played")),
    ] {
        assert_eq!(
            app.send(&member, method.clone(), &path, None).await.status,
            404,
            "{method} {path}"
        );
    }
    let progress = json!({ "position_ms": 1000, "state": "playing" });
    let path = format!("/api/v1/items/{hidden_item}/progress");
    assert_eq!(app.send(&member, Method::PUT, &path, Some(progress)).await.status, 404);
    let start = app.post(&member, "/playback", json!({ "item_id": hidden_item })).await;
    assert_eq!(start.status, 404);
}

#[tokio::test]
async fn a_stream_is_opened_by_its_signed_url_for_as_long_as_its_person_may_see_it() {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    make_clip(&folder.join("Open Sky (2001).mp4"));
    app.scan(&owner, &library).await;
    let member = app
        .person(&owner, json!({ "name": "member", "password": PASSWORD, "library_ids": [library] }))
        .await;
    let item = items_of(&app, &member, &library).await[0]["id"].clone();
    let start = app.post(&member, "/playback", json!({ "item_id": item })).await;
    assert_eq!(start.status, 200, "{}", start.text());
    let url = start.json()["url"].as_str().expect("a URL").to_owned();

    let whole = app.send(&Caller::nobody(), Method::GET, &url, None).await;
    assert_eq!(
        (whole.status.as_u16(), whole.headers["content-type"].to_str().ok()),
        (200, Some("video/mp4"))
    );
    let part =
        app.send(&Caller::nobody().with("range", "bytes=4-7"), Method::GET, &url, None).await;
    assert_eq!((part.status.as_u16(), part.body.as_slice()), (206, b"ftyp".as_slice()));
    assert_eq!(part.headers["content-range"], format!("bytes 4-7/{}", whole.body.len()));
    let head = app.send(&Caller::nobody(), Method::HEAD, &url, None).await;
    assert_eq!(head.headers["content-length"], whole.body.len().to_string());
    assert!(head.body.is_empty());
    let etag = whole.headers["etag"].to_str().expect("text").to_owned();
    let again =
        app.send(&Caller::nobody().with("if-none-match", etag), Method::GET, &url, None).await;
    assert_eq!(again.status, 304);
    for range in ["bytes=99999999-", "bytes=0-1,3-4"] {
        let beyond =
            app.send(&Caller::nobody().with("range", range), Method::GET, &url, None).await;
        assert_eq!(beyond.status, 416, "{range}");
        assert_eq!(beyond.headers["content-range"], format!("bytes */{}", whole.body.len()));
    }
    let forged = url.replace("signature=", "signature=A");
    assert_eq!(app.send(&Caller::nobody(), Method::GET, &forged, None).await.status, 401);

    let id = app.get(&member, "/me").await.json()["id"].as_str().expect("an id").to_owned();
    let patch = json!({ "library_ids": [] });
    app.send(&owner, Method::PATCH, &format!("/api/v1/people/{id}"), Some(patch)).await;
    assert_eq!(
        app.send(&Caller::nobody(), Method::GET, &url, None).await.status,
        404,
        "the grant is gone"
    );
    app.send(&member, Method::DELETE, "/api/v1/sessions/current", None).await;
    assert_eq!(
        app.send(&Caller::nobody(), Method::GET, &url, None).await.status,
        401,
        "the session is over"
    );
}

#[tokio::test]
async fn a_page_hears_of_a_library_from_the_moment_its_person_may_see_it_and_no_longer() {
    let (app, owner) = App::start_with_owner().await;
    let member = app.person(&owner, json!({ "name": "member", "password": PASSWORD })).await;
    let id = app.get(&member, "/me").await.json()["id"].as_str().expect("an id").to_owned();
    let mut heard = app.listen(&member).await;
    let (library, _) = app.library(&owner, "Films").await;
    let grant = async |libraries: Value| {
        let path = format!("/api/v1/people/{id}");
        app.send(&owner, Method::PATCH, &path, Some(json!({ "library_ids": libraries }))).await
    };
    let rename = async |name: &str| {
        let path = format!("/api/v1/libraries/{library}");
        app.send(&owner, Method::PATCH, &path, Some(json!({ "name": name }))).await
    };
    assert_eq!(rename("Hidden").await.status, 200);
    assert!(heard.is_quiet().await, "it does not exist for the member yet");
    grant(json!([library])).await;
    let event = heard.next_event().await;
    assert!(event.contains("account.changed"), "so that the page looks anew: {event}");
    assert_eq!(rename("Shown").await.status, 200);
    let event = heard.next_event().await;
    assert!(event.contains("library.changed") && event.contains(&library), "{event}");
    grant(json!([])).await;
    assert!(heard.next_event().await.contains("account.changed"));
    assert_eq!(rename("Hidden again").await.status, 200);
    assert!(heard.is_quiet().await, "it does not exist for the member any more");
}
