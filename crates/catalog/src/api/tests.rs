use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use kernel::Viewer;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::routes;
use crate::sample::{NewItem, Sample, administrator, viewer};

async fn send(
    it: &Sample,
    caller: Option<&Viewer>,
    method: Method,
    path: &str,
    body: Value,
) -> (StatusCode, Value) {
    let (router, _) = routes().with_state(it.catalog.clone()).split_for_parts();
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .expect("a request");
    if let Some(viewer) = caller {
        request.extensions_mut().insert(viewer.clone());
    }
    let response = router.oneshot(request).await.expect("an answer");
    let status = response.status();
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

async fn get(it: &Sample, caller: &Viewer, path: &str) -> (StatusCode, Value) {
    send(it, Some(caller), Method::GET, path, Value::Null).await
}

#[tokio::test]
async fn nobody_calls_what_they_may_not() {
    let it = Sample::start().await;
    let (_, document) = routes().split_for_parts();
    let document = serde_json::to_value(document).expect("a document");
    let person = viewer(1, []);
    let mut operations = 0;
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            operations += 1;
            let parts = path.split('/').map(|part| {
                if part.starts_with('{') { "00000000-0000-0000-0000-000000000009" } else { part }
            });
            let path = parts.collect::<Vec<_>>().join("/");
            let case = format!("{method} {path}");
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
            assert!(
                operation["tags"][0].is_string() && operation["operationId"].is_string(),
                "{case}"
            );
            let session = &operation["security"][0]["session"];
            assert!(session.is_array(), "{case} says who may call it");

            let (status, problem) = send(&it, None, method.clone(), &path, json!({})).await;
            assert_eq!(
                (status.as_u16(), &problem["code"]),
                (401, &json!("unauthenticated")),
                "{case}"
            );
            let (status, _) = send(&it, Some(&person), method, &path, json!({})).await;
            let is_for_administrators =
                session.as_array().is_some_and(|it| it.contains(&json!("administer")));
            assert_eq!(status == StatusCode::FORBIDDEN, is_for_administrators, "{case}");
        }
    }
    assert!(operations >= 35, "the document has all of them");
}

#[tokio::test]
async fn a_list_is_cut_into_pages_and_says_what_is_wrong_with_a_request() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    for title in ["Akira", "Brazil", "Contact"] {
        it.item(NewItem::film(library, title)).await;
    }
    let person = viewer(1, [library]);
    let (status, page) = get(&it, &person, "/items?limit=2&sort=title").await;
    assert_eq!((status, &page["items"][0]["title"]), (StatusCode::OK, &json!("Akira")));
    let next = page["next"].as_str().expect("there is more");
    let (_, page) = get(&it, &person, &format!("/items?limit=2&sort=title&cursor={next}")).await;
    assert_eq!((&page["items"][0]["title"], &page["next"]), (&json!("Contact"), &Value::Null));

    for wrong in [
        "/items?sort=colour",
        "/items?limit=many",
        "/items?cursor=x",
        "/items?starts_with=%00",
        "/items?genre=%00",
        "/items?kind=%00",
    ] {
        let (status, problem) = get(&it, &person, wrong).await;
        assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("invalid")), "{wrong}");
    }
    for unknown in
        ["/items/nonsense", "/items/00000000-0000-0000-0000-000000000009", "/images/nonsense"]
    {
        let (status, problem) = get(&it, &person, unknown).await;
        assert_eq!((status.as_u16(), &problem["code"]), (404, &json!("not_found")), "{unknown}");
    }
}

#[tokio::test]
async fn an_item_is_looked_at_begun_and_loved() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let person = viewer(1, [library]);
    let report = json!({"position_ms": 1_800_000, "duration_ms": 3_600_000, "state": "playing"});
    let progress =
        send(&it, Some(&person), Method::PUT, &format!("/items/{film}/progress"), report).await;
    assert_eq!((progress.0, &progress.1["position_ms"]), (StatusCode::OK, &json!(1_800_000)));
    let loved =
        send(&it, Some(&person), Method::PUT, &format!("/items/{film}/favourite"), Value::Null)
            .await;
    assert_eq!(loved.0, StatusCode::NO_CONTENT);
    let (status, item) = get(&it, &person, &format!("/items/{film}")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        (&item["is_favourite"], &item["progress"]["is_played"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(get(&it, &person, "/home").await.1["rows"][0]["id"], "continue");
    assert_eq!(get(&it, &person, &format!("/items/{film}/next")).await.1, json!({"item": null}));
}

#[tokio::test]
async fn a_library_is_made_over_http() {
    let it = Sample::start().await;
    let folder = crate::stored_path::to_text(it.folder.path());
    let new = json!({"name": "Films", "kind": "movies", "folders": [folder]});
    let admin = administrator([]);
    let (status, made) = send(&it, Some(&admin), Method::POST, "/libraries", new.clone()).await;
    assert_eq!((status, &made["folders"][0]["is_reachable"]), (StatusCode::CREATED, &json!(true)));
    let (status, problem) = send(&it, Some(&admin), Method::POST, "/libraries", new).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("library.name_taken")));
    let (status, _) = send(&it, Some(&admin), Method::POST, "/libraries", json!({"name": 5})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}
