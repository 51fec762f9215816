//! Films that are in the adult area twice, what a person takes along from there, and who reads what was changed there.

use std::path::Path;
use std::process::Command;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{App, Caller, PASSWORD};

async fn start(analyzes: bool) -> (App, Caller) {
    let app = App::start_with(|it| {
        it.adult.enabled = true;
        it.analysis.enabled = analyzes;
    })
    .await;
    let owner = app.owner().await;
    enter(&app, &owner).await;
    (app, owner)
}

async fn enter(app: &App, caller: &Caller) {
    let confirmed = app.send(caller, Method::PUT, "/api/v1/me/adult/age", None).await;
    assert_eq!(confirmed.status, 204);
    assert_eq!(app.post(caller, "/me/adult", json!({})).await.status, 204);
}

async fn library(app: &App, owner: &Caller, folder: &Path) -> String {
    let body = json!({ "name": "Private", "kind": "scenes", "folders": [folder] });
    let made = app.post(owner, "/adult/libraries", body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    scan(app, owner, &id).await;
    id
}

async fn scan(app: &App, owner: &Caller, library: &str) {
    let path = format!("/api/v1/adult/libraries/{library}/scan");
    assert_eq!(app.send(owner, Method::POST, &path, None).await.status, 202);
    app.run_jobs().await;
}

#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn ffmpeg(args: &[&str], path: &Path) {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin"])
        .args(args)
        .arg(path)
        .output()
        .expect("ffmpeg");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The groups, each as the names of its files.
async fn groups(app: &App, owner: &Caller) -> Vec<(Value, Vec<String>)> {
    let page = app.get(owner, "/adult/duplicates").await;
    assert_eq!(page.status, 200, "{}", page.text());
    let of = |group: &Value| -> Vec<String> {
        let files = group["files"].as_array().expect("files");
        let mut names: Vec<String> = files
            .iter()
            .map(|it| it["path"].as_str().expect("a path").replace(".mkv", "").replace(".mp4", ""))
            .collect();
        names.sort();
        names
    };
    page.json()["items"].as_array().expect("a list").iter().map(|it| (it.clone(), of(it))).collect()
}

#[tokio::test]
async fn a_film_that_was_encoded_anew_is_found_and_another_film_is_not() {
    let (app, owner) = start(true).await;
    let folder = app.folder.path().join("x");
    std::fs::create_dir_all(&folder).expect("a folder");
    let original = folder.join("Night Works - 2021-05-04 - First.mkv");
    // A picture that changes all the time: what is nearest to a moment is not what is shown then.
    let moving = "mandelbrot=s=480x270:r=12:start_scale=3:end_scale=0.02:end_pts=300";
    ffmpeg(
        &[
            "-f", "lavfi", "-i", moving, "-t", "25", "-pix_fmt", "yuv420p", "-c:v", "libx264",
            "-preset", "veryfast", "-g", "60", "-bf", "2",
        ],
        &original,
    );
    let source = original.to_str().expect("text");
    // Smaller, poorer, with key frames elsewhere and in another container.
    ffmpeg(
        &[
            "-i",
            source,
            "-vf",
            "scale=256:144",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-crf",
            "36",
            "-g",
            "37",
            "-bf",
            "0",
        ],
        &folder.join("Elsewhere - 2022-01-01 - Second.mp4"),
    );
    ffmpeg(
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=480x270:r=12:d=25",
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
        ],
        &folder.join("Night Works - 2021-05-05 - Other.mkv"),
    );
    ffmpeg(
        &[
            "-f",
            "lavfi",
            "-i",
            "color=black:s=480x270:r=12:d=25",
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "libx264",
        ],
        &folder.join("Night Works - 2021-05-06 - Black.mkv"),
    );
    std::fs::copy(
        folder.join("Night Works - 2021-05-06 - Black.mkv"),
        folder.join("Night Works - 2021-05-07 - Copy.mkv"),
    )
    .expect("copied");
    let library = library(&app, &owner, &folder).await;

    let found = groups(&app, &owner).await;
    let mut names: Vec<_> = found.iter().map(|it| it.1.clone()).collect();
    names.sort();
    assert_eq!(
        names,
        [
            ["Elsewhere - 2022-01-01 - Second", "Night Works - 2021-05-04 - First"],
            ["Night Works - 2021-05-06 - Black", "Night Works - 2021-05-07 - Copy"],
        ]
    );
    let alike = &found.iter().find(|it| it.1[0].starts_with("Else")).expect("the group").0;
    let first = &alike["files"][0];
    assert_eq!(
        (&first["width"], &first["height"]),
        (&json!(480), &json!(270)),
        "the best is first"
    );
    assert_eq!((&first["codec"], &first["is_exact"]), (&json!("h264"), &json!(false)));
    assert!(first["distance"].as_i64().is_some_and(|it| it <= 6), "{first}");
    assert!(first["item"]["title"] == "First" && first["size_bytes"].as_i64() > Some(0));
    let same = &found.iter().find(|it| it.1[0].contains("Black")).expect("the group").0;
    assert!(same["files"][0]["is_exact"] == json!(true) && same["file_count"] == json!(2));

    // What a person says stays said.
    let tell = async |group: &Value, file: &Value| {
        let path = format!("/adult/duplicates/{}/apart", group["id"].as_str().expect("an id"));
        app.post(&owner, &path, json!({ "file_id": file })).await
    };
    let told = tell(same, &same["files"][1]["id"]).await;
    assert_eq!(told.status, 204, "{}", told.text());
    assert_eq!(tell(same, &same["files"][1]["id"]).await.status, 404);
    assert_eq!(tell(alike, &json!("none")).await.status, 422);
    scan(&app, &owner, &library).await;
    assert_eq!(groups(&app, &owner).await.len(), 1);

    // Two of a scene are versions of it.
    let items: Vec<&Value> =
        alike["files"].as_array().expect("files").iter().map(|it| &it["item"]["id"]).collect();
    let merged = app.post(&owner, "/adult/items/merge", json!({ "item_ids": items })).await;
    assert_eq!(merged.status, 200, "{}", merged.text());
    assert!(groups(&app, &owner).await.is_empty());
    assert_eq!(app.get(&owner, "/adult/duplicates?cursor=nonsense").await.status, 422);

    // Who is inside and may not edit is not shown them.
    let role = json!({ "name": "Guest inside", "permissions": ["adult"] });
    let role = app.post(&owner, "/roles", role).await.json()["id"].clone();
    let body = json!({ "name": "m", "password": PASSWORD, "role_id": role });
    let member = app.person(&owner, body).await;
    enter(&app, &member).await;
    assert_eq!(app.get(&member, "/adult/scenes").await.status, 200);
    assert_eq!(app.get(&member, "/adult/duplicates").await.status, 403);
    let apart = app.post(
        &member,
        "/adult/duplicates/01890a5d-ac96-774b-bcce-b302099a8057/apart",
        json!({}),
    );
    assert_eq!(apart.await.status, 403);
}

#[tokio::test]
async fn what_was_made_inside_is_taken_along_inside_only() {
    let (app, owner) = start(false).await;
    let folder = app.folder.path().join("x");
    std::fs::create_dir_all(&folder).expect("a folder");
    crate::process::make_clip(&folder.join("Night Works - 2021-05-04 - Zebracanary.mp4"));
    library(&app, &owner, &folder).await;
    let id = app.get(&owner, "/adult/scenes").await.json()["items"][0]["id"].clone();
    let id = id.as_str().expect("an id");
    for what in ["favourite", "played"] {
        let path = format!("/api/v1/adult/items/{id}/{what}");
        assert!(app.send(&owner, Method::PUT, &path, None).await.status.is_success());
    }
    let export = app.get(&owner, "/adult/me/export").await;
    assert_eq!(export.status, 200);
    assert_eq!(export.headers["cache-control"], "no-store");
    let export = export.json();
    assert_eq!(export["format"], "revenge.person.adult");
    assert_eq!(export["favourites"][0]["item"]["title"], "Zebracanary");
    assert_eq!(export["progress"][0]["is_played"], true);
    assert_eq!(export.get("person"), None);
    assert!(!app.get(&owner, "/me/export").await.text().contains("Zebracanary"));
    assert_eq!(app.send(&owner, Method::DELETE, "/api/v1/me/adult", None).await.status, 204);
    assert_eq!(app.get(&owner, "/adult/me/export").await.status, 404);
}

#[tokio::test]
async fn what_was_changed_inside_is_noted_by_id_and_read_inside_only() {
    let (app, owner) = start(false).await;
    let folder = app.folder.path().join("x");
    std::fs::create_dir_all(&folder).expect("a folder");
    let id = library(&app, &owner, &folder).await;
    let path = format!("/api/v1/adult/libraries/{id}");
    let renamed = app.send(&owner, Method::PATCH, &path, Some(json!({ "name": "Zebra" }))).await;
    assert_eq!(renamed.status, 200, "{}", renamed.text());
    let acts = async || app.get(&owner, "/audit").await;
    let noted = acts().await;
    let of_area: Vec<Value> = noted.json()["items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|it| it["action"] == "adult_setting_changed")
        .map(|it| it["subject"].clone())
        .collect();
    assert_eq!(
        of_area,
        [json!(format!("PATCH /adult/libraries/{id}")), json!("POST /adult/libraries")]
    );
    assert!(!noted.text().contains("Zebra") && !noted.text().contains("Private"));
    let only = app.get(&owner, "/audit?action=adult_setting_changed&limit=1").await.json();
    assert_eq!(only["items"].as_array().map(Vec::len), Some(1));

    assert_eq!(app.send(&owner, Method::DELETE, "/api/v1/me/adult", None).await.status, 204);
    assert!(!acts().await.text().contains("/adult/libraries"));
    let outside = app.get(&owner, "/audit?action=adult_setting_changed").await.json();
    assert_eq!(outside, json!({ "items": [], "next": null }));
}
