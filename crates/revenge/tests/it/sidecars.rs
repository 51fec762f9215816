//! Subtitles beside a film in forms that are neither SRT nor WebVTT nor scripts.

use std::path::PathBuf;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{App, Caller};
use crate::choosing::make_film;

/// A film of 25 pictures a second, with files beside it.
async fn house(beside: &[(&str, &[u8])]) -> (App, Caller, PathBuf, Value) {
    let (app, owner) = App::start_with_owner().await;
    let (library, folder) = app.library(&owner, "Films").await;
    let film = folder.join("Open Sky (2001).mkv");
    make_film(app.folder.path(), &film, "320x180");
    for (ending, bytes) in beside {
        std::fs::write(film.with_extension(ending), bytes).expect("written");
    }
    app.scan(&owner, &library).await;
    let items = app.get(&owner, &format!("/items?library_id={library}")).await.json();
    let body = json!({ "item_id": items["items"][0]["id"] });
    let answer = app.post(&owner, "/playback", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let start = answer.json();
    (app, owner, film, start)
}

async fn read(app: &App, by: &Caller, url: &str) -> (u16, String) {
    let answer = app.send(by, Method::GET, url, None).await;
    (answer.status.as_u16(), answer.text())
}

fn find<'a>(start: &'a Value, language: &str) -> Option<&'a Value> {
    let all = start["subtitles"].as_array().expect("a list");
    all.iter().find(|it| it["language"] == language)
}

fn url<'a>(start: &'a Value, language: &str) -> &'a str {
    let found = find(start, language).expect("one in this language");
    found["url"].as_str().expect("an address")
}

#[tokio::test]
async fn texts_of_every_form_beside_a_film_come_as_webvtt() {
    let ttml = "<tt xmlns=\"http://www.w3.org/ns/ttml\"><body><div><p begin=\"1s\" end=\"2s\">Hola</p></div></body></tt>";
    let (app, owner, _, start) = house(&[
        ("fr.sub", b"{25}{50}Bonjour"),
        (
            "it.smi",
            b"<SAMI><BODY><SYNC Start=1000><P Class=ITCC>Ciao<SYNC Start=2000><P Class=ITCC>&nbsp;",
        ),
        ("es.ttml", ttml.as_bytes()),
        ("pl.mpl", b"[10][20]Dzie\xf1 dobry"),
    ])
    .await;
    for (language, words) in
        [("fr", "Bonjour"), ("it", "Ciao"), ("es", "Hola"), ("pl", "Dzień dobry")]
    {
        let (status, text) = read(&app, &Caller::nobody(), url(&start, language)).await;
        assert_eq!(
            (status, text),
            (200, format!("WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n{words}\n"))
        );
    }

    // A file that counts pictures needs the film's rate, which its address and its playlist tell.
    let counted = url(&start, "fr");
    let (bare, _) = counted.split_once("&film_rate=25/1").expect("the film's rate");
    let (status, text) = read(&app, &Caller::nobody(), bare).await;
    assert_eq!((status, text.contains("rate of pictures")), (409, true), "{text}");
    let (_, text) = read(&app, &Caller::nobody(), &format!("{bare}&film_rate=50/1")).await;
    assert!(text.contains("00:00:00.500 --> 00:00:01.000"), "{text}");
    let (status, _) = read(&app, &Caller::nobody(), &format!("{bare}&film_rate=25/0")).await;
    assert_eq!(status, 422);
    let (film, _) = url(&start, "en").split_once("/text.vtt").expect("the film's own");
    let (film, _) = film.rsplit_once('/').expect("the film");
    let id = find(&start, "fr").expect("it")["id"].as_str().expect("an id");
    let (status, list) = read(&app, &owner, &format!("{film}/beside/{id}/text.m3u8")).await;
    assert!(status == 200 && list.contains("&film_rate=25/1"), "{list}");
}

#[tokio::test]
async fn pictures_with_an_index_are_not_offered_as_text() {
    let (app, _, film, start) = house(&[
        ("fr.sub", b"{25}{50}Bonjour"),
        ("it.sub", b"{25}{50}Ciao"),
        ("it.idx", b"# VobSub index file, v7\n"),
    ])
    .await;
    assert!(find(&start, "it").is_none(), "{start}");
    // Nor where the index comes later than the scan.
    std::fs::write(film.with_extension("fr.idx"), "#").expect("written");
    assert_eq!(read(&app, &Caller::nobody(), url(&start, "fr")).await.0, 404);
}
