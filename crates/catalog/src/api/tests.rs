use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use kernel::{Permission, Viewer};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::routes;
use crate::sample::pictures::png;
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
            let security = &operation["security"][0];
            let session = &security["session"];
            let is_told = session.is_array() || security["webhook_token"].is_array();
            assert!(is_told, "{case} says who may call it");

            let (status, problem) = send(&it, None, method.clone(), &path, json!({})).await;
            assert_eq!(
                (status.as_u16(), &problem["code"]),
                (401, &json!("unauthenticated")),
                "{case}"
            );
            let (status, _) = send(&it, Some(&person), method, &path, json!({})).await;
            let needed = session.as_array().and_then(|it| it.first());
            let needed = needed.map(|it| it.as_str().and_then(Permission::parse));
            let may = needed.is_none_or(|it| it.is_some_and(|it| person.can(it)));
            assert_eq!(status == StatusCode::FORBIDDEN, !may, "{case}");
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

/// Sends `body` as it is, with one header; the status, the content type and the body that come back.
async fn send_raw(
    it: &Sample,
    (method, path): (Method, &str),
    (name, value): (header::HeaderName, &str),
    body: Vec<u8>,
) -> (u16, String, Vec<u8>) {
    let (router, _) = routes().with_state(it.catalog.clone()).split_for_parts();
    let request = Request::builder().method(method).uri(path).header(name, value);
    let mut request = request.body(Body::from(body)).expect("a request");
    request.extensions_mut().insert(it.admin().await);
    let response = router.oneshot(request).await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let kind = headers.get(header::CONTENT_TYPE).map_or("", |it| it.to_str().expect("text"));
    let body = response.into_body().collect().await.expect("a body").to_bytes().to_vec();
    (status, kind.to_owned(), body)
}

#[tokio::test]
async fn a_picture_is_given_delivered_as_the_client_likes_it_and_deleted_over_http() {
    let it = Sample::start().await;
    let film = it.item(NewItem::film(it.library("Films").await, "Akira")).await;
    let path = format!("/items/{film}/images/poster");
    let post = async |path: &str, body: Vec<u8>| {
        send_raw(&it, (Method::POST, path), (header::CONTENT_TYPE, "image/png"), body).await
    };
    let (status, _, body) = post(&path, png(400, 600, [200, 10, 10])).await;
    assert_eq!(status, 201);
    let given: Value = serde_json::from_slice(&body).expect("JSON");
    let poster = &given["roles"][0];
    assert_eq!((&poster["role"], &poster["is_locked"]), (&json!("poster"), &json!(true)));
    let image = poster["images"][0].clone();
    assert_eq!((&image["source"], &image["is_shown"]), (&json!("upload"), &json!(true)));

    let url = format!("/images/{}?width=160", image["id"].as_str().expect("an id"));
    for accept in ["image/avif", "image/webp", "image/jpeg"] {
        let (status, kind, bytes) =
            send_raw(&it, (Method::GET, &url), (header::ACCEPT, accept), Vec::new()).await;
        assert_eq!((status, kind.as_str()), (200, accept));
        assert!(!bytes.is_empty());
    }

    for (path, body, status) in [
        (path.as_str(), b"<html>".to_vec(), 422),
        (path.as_str(), vec![0; (20 << 20) + 1], 413),
        (&format!("/items/{film}/images/portrait"), png(4, 6, [0; 3]), 404),
        ("/items/00000000-0000-0000-0000-000000000009/images/poster", png(4, 6, [0; 3]), 404),
    ] {
        assert_eq!(post(path, body).await.0, status, "{path}");
    }
    let admin = it.admin().await;
    let put = json!({ "image_id": "00000000-0000-0000-0000-000000000009" });
    for (method, path, body, status) in [
        (Method::PUT, path.clone(), put, 404),
        (Method::PUT, path.clone(), json!({}), 422),
        (Method::PUT, path.clone(), json!({ "image_id": image["id"] }), 200),
        (Method::POST, format!("{path}/link"), json!({ "url": "ftp://a.b/c.png" }), 422),
        (Method::DELETE, path.clone(), Value::Null, 200),
        (
            Method::DELETE,
            format!("/images/{}", image["id"].as_str().expect("an id")),
            Value::Null,
            204,
        ),
        (Method::GET, format!("/items/{film}/images"), Value::Null, 200),
    ] {
        let answer = send(&it, Some(&admin), method.clone(), &path, body).await;
        assert_eq!(answer.0.as_u16(), status, "{method} {path} {}", answer.1);
    }
    let (_, left) = get(&it, &admin, &format!("/items/{film}/images")).await;
    assert_eq!(left["roles"][0], json!({ "role": "poster", "is_locked": false, "images": [] }));
}
