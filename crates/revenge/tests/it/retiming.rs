//! Subtitles at other times: asked for by address, and kept for each person, file and subtitle.

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{App, Caller, PASSWORD};
use crate::choosing::make_film;

struct House {
    app: App,
    owner: Caller,
    library: String,
    item: Value,
}

async fn house() -> House {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    let film = folder.join("Open Sky (2001).mkv");
    make_film(app.folder.path(), &film, "320x180");
    let line = "1\n00:00:01,000 --> 00:00:02,000\nBonjour\n";
    std::fs::write(film.with_extension("fr.srt"), line).expect("written");
    let script = "[Events]\nFormat: Layer, Start, End, Style, Text\n\
        Dialogue: 0,0:00:01.00,0:00:02.00,Default,Hola\n";
    std::fs::write(film.with_extension("es.ass"), script).expect("written");
    app.scan(&owner, &library).await;
    let items = app.get(&owner, &format!("/items?library_id={library}")).await.json();
    let item = items["items"][0]["id"].clone();
    House { app, owner, library, item }
}

impl House {
    async fn start(&self, by: &Caller) -> Value {
        let answer = self.app.post(by, "/playback", json!({ "item_id": self.item })).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    async fn read(&self, url: &str) -> (u16, String) {
        let answer = self.app.send(&Caller::nobody(), Method::GET, url, None).await;
        (answer.status.as_u16(), answer.text())
    }

    async fn choose(&self, by: &Caller, body: Value) -> u16 {
        let path = format!("/api/v1/items/{}/choice", self.item.as_str().expect("an id"));
        self.app.send(by, Method::PUT, &path, Some(body)).await.status.as_u16()
    }
}

fn subtitle<'a>(start: &'a Value, language: &str) -> &'a Value {
    let all = start["subtitles"].as_array().expect("a list");
    all.iter().find(|it| it["language"] == language).expect("one in this language")
}

fn timing(start: &Value, language: &str) -> Value {
    let it = subtitle(start, language);
    json!([it["offset_ms"], it["rate"]])
}

#[tokio::test]
async fn texts_and_scripts_come_at_the_times_that_are_asked_for() {
    let house = house().await;
    let start = house.start(&house.owner).await;
    let url = |it: &Value| it.as_str().expect("an address").to_owned();
    let inside = url(&subtitle(&start, "en")["url"]);
    let beside = url(&subtitle(&start, "fr")["url"]);
    let script = url(&subtitle(&start, "es")["styled"]["url"]);
    // The film's own times stand 21 ms later than written: sound has as much before its zero.
    for (url, by, expected) in [
        (&inside, "", "00:00:00.521 --> 00:00:02.021"),
        (&inside, "&offset_ms=250", "00:00:00.771 --> 00:00:02.271"),
        (&inside, "&offset_ms=-1000", "00:00:00.000 --> 00:00:01.021"),
        (&inside, "&rate=1001/960", "00:00:00.543 --> 00:00:02.107"),
        (&beside, "&offset_ms=100&rate=2/1", "00:00:02.100 --> 00:00:04.100"),
        (&script, "&offset_ms=100&rate=2%2F1", "Dialogue: 0,0:00:02.10,0:00:04.10,Default,Hola"),
    ] {
        let (status, text) = house.read(&format!("{url}{by}")).await;
        assert_eq!(status, 200, "{text}");
        assert!(text.contains(expected), "{by}: {text}");
    }
    let (_, text) = house.read(&format!("{inside}&offset_ms=-2100")).await;
    assert!(!text.contains("-->"), "what is over before the film begins is left out: {text}");
    for wrong in ["offset_ms=600001", "offset_ms=x", "rate=3/1", "rate=1.04", "rate=0/0"] {
        for url in [&inside, &beside, &script] {
            assert_eq!(house.read(&format!("{url}&{wrong}")).await.0, 422, "{wrong}");
        }
    }

    // A player that was told of one answer is not told that another is the same.
    let tags = ["", "&offset_ms=1", "&offset_ms=1&rate=25/24"].map(|by| format!("{inside}{by}"));
    let mut seen = Vec::new();
    for url in tags {
        let answer = house.app.send(&Caller::nobody(), Method::GET, &url, None).await;
        seen.push(answer.headers["etag"].clone());
    }
    seen.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
    seen.dedup();
    assert_eq!(seen.len(), 3);
}

#[tokio::test]
async fn a_playlist_of_a_subtitle_hands_its_times_on() {
    let house = house().await;
    let start = house.start(&house.owner).await;
    let url = subtitle(&start, "en")["url"].as_str().expect("an address").to_owned();
    let path = url.split('?').next().expect("a path").replace("text.vtt", "text.m3u8");
    let asked = format!("{path}?offset_ms=250&rate=25/24");
    let list = house.app.send(&house.owner, Method::GET, &asked, None).await.text();
    let text = list.lines().find(|it| it.contains("text.vtt")).expect("the text");
    let (status, text) = house.read(text).await;
    assert_eq!(status, 200);
    assert!(text.contains("00:00:00.793 --> 00:00:02.355"), "{text}");
}

#[tokio::test]
async fn times_are_kept_for_one_person_one_file_and_one_subtitle() {
    let house = house().await;
    let grant = json!({ "name": "other", "password": PASSWORD, "library_ids": [house.library] });
    let other = house.app.person(&house.owner, grant).await;
    let start = house.start(&house.owner).await;
    let keep = |language: &str, offset_ms: i64, rate: &str| {
        let id = &subtitle(&start, language)["id"];
        json!({ "timing": { "file_id": start["file_id"], "subtitle": id, "offset_ms": offset_ms, "rate": rate } })
    };
    assert_eq!(timing(&start, "en"), json!([0, "1/1"]));
    assert_eq!(house.choose(&house.owner, keep("en", -300, "1001/960")).await, 204);
    assert_eq!(house.choose(&house.owner, keep("fr", 200, "1/1")).await, 204);
    // What is chosen of a subtitle does not take its times away, nor the other way round.
    let shown = json!({ "subtitle": { "is_shown": true, "language": "fr" } });
    assert_eq!(house.choose(&house.owner, shown).await, 204);
    assert_eq!(house.choose(&house.owner, keep("fr", 300, "1/1")).await, 204);

    let again = house.start(&house.owner).await;
    assert_eq!(again["subtitle_why"], "remembered");
    assert_eq!(timing(&again, "en"), json!([-300, "1001/960"]));
    assert_eq!(timing(&again, "fr"), json!([300, "1/1"]));
    assert_eq!(timing(&again, "es"), json!([0, "1/1"]));
    let (_, text) = house.read(subtitle(&again, "fr")["url"].as_str().expect("an address")).await;
    assert!(text.contains("00:00:01.300 --> 00:00:02.300"), "{text}");
    assert_eq!(timing(&house.start(&other).await, "fr"), json!([0, "1/1"]));

    assert_eq!(house.choose(&house.owner, keep("fr", 0, "1/1")).await, 204);
    let again = house.start(&house.owner).await;
    assert_eq!(timing(&again, "fr"), json!([0, "1/1"]));
    assert_eq!(timing(&again, "en"), json!([-300, "1001/960"]));
    assert_eq!(again["subtitle_why"], "remembered");

    for (field, value) in [
        ("offset_ms", json!(600_001)),
        ("rate", json!("5/2")),
        ("subtitle", json!("0")),
        ("subtitle", start["file_id"].clone()),
        ("file_id", json!("01890a5d-ac96-774b-bcce-b302099a8057")),
    ] {
        let mut body = keep("en", 0, "1/1");
        body["timing"][field] = value;
        assert_eq!(house.choose(&house.owner, body).await, 422, "{field}");
    }
}
