//! Searching over HTTP: filters, counts and what is kept of it.

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{App, Caller, PASSWORD};
use crate::process::make_clip;

fn titles(found: &Value) -> Vec<&str> {
    let hits = found["hits"].as_array().expect("hits");
    hits.iter().map(|it| it["title"].as_str().expect("a title")).collect()
}

#[tokio::test]
async fn films_are_found_by_words_and_filters_and_counted() {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "films").await;
    for name in ["Ember Sky (1999).mp4", "Ember Rising (2004).mp4", "Slow River (2016).mp4"] {
        make_clip(&folder.join(name));
    }
    app.scan(&owner, &library).await;
    let ask =
        async |caller: &Caller, query: &str| app.get(caller, &format!("/search?{query}")).await;
    let found = ask(&owner, "q=ember&full=true").await.json();
    assert_eq!(titles(&found).len(), 2);
    let facet = |key: &str| {
        let facets = found["facets"].as_array().expect("facets");
        facets.iter().find(|it| it["key"] == key).map(|it| it["values"].clone())
    };
    assert_eq!(facet("decade").expect("decades").as_array().map(Vec::len), Some(2));
    assert_eq!(facet("library").expect("libraries")[0]["query"], "library:films");
    let found = ask(&owner, "q=ember%20year:1990-1999").await.json();
    assert_eq!(titles(&found), ["Ember Sky"]);
    assert_eq!(found["hits"][0]["pieces"][0], json!({ "text": "Ember", "is_match": true }));
    assert_eq!(found["filters"][0]["written"], "year:1990-1999");
    assert_eq!(found["facets"], json!([]), "nobody asked");
    assert_eq!(ask(&owner, "q=ebmer").await.json()["did_you_mean"], "ember");
    let offered = app.get(&owner, "/search/completions?q=decade:19").await.json();
    assert_eq!(offered[0]["text"], "decade:1990s ");

    let guest =
        json!({ "name": "guest", "password": PASSWORD, "all_libraries": false, "libraries": [] });
    let guest = app.person(&owner, guest).await;
    let found = ask(&guest, "q=ember&full=true").await.json();
    assert_eq!((&found["found"], &found["facets"]), (&json!(0), &json!([])));
    assert_eq!(app.get(&guest, "/search/completions?q=decade:").await.json(), json!([]));
    let long = "a".repeat(201);
    assert_eq!(ask(&owner, &format!("q={long}")).await.status, 422);
    assert_eq!(app.get(&owner, &format!("/search/completions?q={long}")).await.status, 422);
}

#[tokio::test]
async fn recent_searches_are_exported_and_go_with_the_account() {
    let (app, owner) = App::start_with_owner().await;
    let member = json!({ "name": "member", "password": PASSWORD, "all_libraries": true });
    let member = app.person(&owner, member).await;
    let keep = async |caller: &Caller, text: &str| {
        app.post(caller, "/search/recent", json!({ "text": text })).await.status
    };
    assert_eq!(keep(&member, "ember").await, 204);
    assert_eq!(keep(&owner, "other").await, 204);
    assert_eq!(keep(&member, "  ").await, 422);
    assert_eq!(keep(&Caller::nobody(), "ember").await, 401);
    let export = app.get(&member, "/me/export").await.json();
    assert_eq!(export["searches"].as_array().map(Vec::len), Some(1));
    assert_eq!(export["searches"][0]["text"], "ember");

    let id = app.get(&member, "/me").await.json()["id"].as_str().expect("an id").to_owned();
    let gone = app.send(&owner, Method::DELETE, &format!("/api/v1/people/{id}"), None).await;
    assert_eq!(gone.status, 204);
    let pool = app.database.pool("catalog").await;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM recent_search")
        .fetch_one(&pool)
        .await
        .expect("a number");
    assert_eq!(left, 1, "the owner's");
    let path = "/api/v1/search/recent?text=other";
    assert_eq!(app.send(&owner, Method::DELETE, path, None).await.status, 204);
    assert_eq!(app.get(&owner, "/search/recent").await.json(), json!([]));
}
