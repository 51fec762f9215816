//! Against a server that answers as Jellyfin does, well and badly.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use kernel::{Clock, Rng};
use serde_json::{Value, json};
use url::Url;

use super::Server;
use crate::source::sample::now;
use crate::source::{Household, Unreadable};

const ANNA: &str = "aaaa00000000400080000000000000aa";
const BEN: &str = "bbbb00000000400080000000000000bb";
/// A playlist that everybody sees; an administrator may delete it, too.
const OPEN: &str = "dddd00000000400080000000000000dd";
const OWN: &str = "dddd00000000400080000000000000de";
const SET: &str = "cccc00000000400080000000000000cc";

/// How it answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Fine,
    /// Its first answer is this.
    First(u16),
    /// All are.
    Always(u16),
    Cut,
    Other,
}

struct Jellyfin {
    mood: Mood,
    n_films: usize,
    n_asked: AtomicUsize,
}

fn film(at: usize, user: &str) -> Value {
    let id = format!("{at:032x}");
    let played = user == ANNA && at == 1;
    json!({
        "Id": id, "Type": "Movie", "Name": format!("Film {at}"), "ProductionYear": 2001,
        "Path": format!("/films/Film {at}.mkv"), "ProviderIds": { "Tmdb": at.to_string(), "Imdb": null },
        "UserData": {
            "Played": played, "PlayCount": i32::from(played), "PlaybackPositionTicks": if at == 2 { 6_000_000_000_i64 } else { 0 },
            "IsFavorite": at == 3, "LastPlayedDate": if at <= 2 { json!("2024-05-01T20:15:00.1234567Z") } else { Value::Null },
        },
    })
}

fn page(server: &Jellyfin, query: &HashMap<String, String>) -> Value {
    let number = |name: &str| query[name].parse::<usize>().expect("a number");
    let (start, limit) = (number("startIndex"), number("limit"));
    let mut items: Vec<Value> = (1..=server.n_films).map(|at| film(at, &query["userId"])).collect();
    if query.get("parentId").map(String::as_str) == Some(SET) {
        items = vec![film(2, ""), film(1, "")];
    } else {
        items.push(json!({ "Id": SET, "Type": "BoxSet", "Name": "All", "Overview": "of them" }));
        let is_bens = query["userId"] == BEN;
        items.push(json!({ "Id": OPEN, "Type": "Playlist", "Name": "Friday", "Overview": "at last", "CanDelete": true }));
        if is_bens {
            items
                .push(json!({ "Id": OWN, "Type": "Playlist", "Name": "Ben's", "CanDelete": true }));
        }
        items.push(
            json!({ "Id": "eeee00000000400080000000000000ee", "Type": "Audio", "Name": "A song" }),
        );
    }
    let total = items.len();
    let items: Vec<Value> = items.into_iter().skip(start).take(limit).collect();
    json!({ "Items": items, "TotalRecordCount": total, "StartIndex": start })
}

async fn answer(State(server): State<Arc<Jellyfin>>, request: Request) -> Response {
    let n_asked = server.n_asked.fetch_add(1, Ordering::SeqCst);
    let failed = |status: u16| {
        let status = StatusCode::from_u16(status).expect("a status");
        let failure = Response::builder().status(status).header(header::RETRY_AFTER, "0");
        failure.body(Body::from("not now")).expect("an answer")
    };
    match server.mood {
        Mood::First(status) if n_asked == 0 => return failed(status),
        Mood::Always(status) => return failed(status),
        _ => {}
    }
    if request.headers().get("x-emby-token").is_none_or(|it| it != "the key") {
        return failed(401);
    }
    let url = Url::parse(&format!("http://here{}", request.uri())).expect("an address");
    let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
    let body = match url.path() {
        "/jf/Users" => json!([
            { "Id": ANNA, "Name": "Anna", "Policy": { "IsAdministrator": true } },
            { "Id": BEN, "Name": "Ben", "Policy": { "IsAdministrator": false } },
        ]),
        "/jf/Items" => page(&server, &query),
        path if path.starts_with("/jf/Playlists/") && query["userId"] == BEN => {
            let items = if path.contains(OPEN) { vec![3, 1, 3] } else { vec![2] };
            let items: Vec<Value> = items.into_iter().map(|it| film(it, "")).collect();
            json!({ "Items": items, "TotalRecordCount": items.len(), "StartIndex": 0 })
        }
        _ => return failed(404),
    };
    let mut text = body.to_string();
    match server.mood {
        Mood::Cut => text.truncate(text.len() / 2),
        Mood::Other => text = "<html>a router</html>".to_owned(),
        _ => {}
    }
    let fine = Response::builder().header(header::CONTENT_TYPE, "application/json");
    fine.body(Body::from(text)).expect("an answer")
}

async fn ask(mood: Mood, key: &str, n_films: usize) -> (Result<Household, Unreadable>, usize) {
    let jellyfin = Arc::new(Jellyfin { mood, n_films, n_asked: AtomicUsize::new(0) });
    let router = Router::new().fallback(answer).with_state(Arc::clone(&jellyfin));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let server = Server::new(&format!("http://{address}/jf"), key, Clock::system(), Rng::seeded(1));
    let read = server.expect("an address").read(now(), &|_, _, _| true).await;
    serving.abort();
    (read, jellyfin.n_asked.load(Ordering::SeqCst))
}

#[tokio::test]
async fn everything_is_read_page_by_page() {
    let (read, n_asked) = ask(Mood::Fine, " the key ", 1_100).await;
    let household = read.expect("it is read");
    assert_eq!(n_asked, 1 + 2 * 3 + 1 + 2, "the people, three pages for each, and the sets");
    assert_eq!(household.items.len(), 1_100, "each item once, whoever sees it");
    assert_eq!(household.items[0].ids, [("tmdb".to_owned(), "1".to_owned())]);
    let [anna, ben] = &household.people[..] else { panic!("two people") };
    assert_eq!((anna.name.as_str(), ben.name.as_str()), ("Anna", "Ben"));
    assert_eq!(anna.states.len(), 3);
    assert!(anna.states[0].is_played && anna.states[0].plays.len() == 1);
    assert_eq!(anna.states[1].position_ms, 600_000);
    assert!(anna.states[2].is_favourite && !anna.states[2].is_played);
    assert_eq!(ben.states.len(), 2, "what is only a date is nothing");
    assert_eq!(household.collections.len(), 1);
    assert_eq!(household.collections[0].items, [1, 0]);
    assert_eq!(household.collections[0].overview.as_deref(), Some("of them"));
    let lists = household.lists.iter();
    let lists = lists.map(|it| (it.name.as_str(), it.person.as_str(), it.is_shared, &it.items[..]));
    assert_eq!(
        lists.collect::<Vec<_>>(),
        [("Friday", BEN, true, &[2, 0, 2][..]), ("Ben's", BEN, false, &[1][..])],
        "an administrator may delete those of others, too"
    );
    assert_eq!(household.lists[0].overview.as_deref(), Some("at last"));
}

#[tokio::test]
async fn a_server_that_is_busy_is_asked_again_and_one_that_fails_is_told() {
    for status in [429, 500, 503] {
        let (read, n_asked) = ask(Mood::First(status), "the key", 3).await;
        assert_eq!((read.expect("it is read").items.len(), n_asked), (3, 7), "{status}");
    }
    for (mood, key, expect) in [
        (Mood::Fine, "another key", "does not accept the API key"),
        (Mood::Always(403), "the key", "does not accept the API key"),
        (Mood::Always(500), "the key", "500"),
        (Mood::Always(404), "the key", "404"),
        (Mood::Cut, "the key", "is not that of Jellyfin"),
        (Mood::Other, "the key", "is not that of Jellyfin"),
    ] {
        let (read, _) = ask(mood, key, 3).await;
        let error = read.expect_err(expect).to_string();
        assert!(error.contains(expect), "{error}");
        assert!(!error.contains("the key"), "no key is told: {error}");
    }
}

#[tokio::test]
async fn who_stops_it_is_heard_and_no_other_place_is_asked() {
    let server = Server::new("http://127.0.0.1:9", "k", Clock::system(), Rng::seeded(1));
    let server = server.expect("an address");
    assert!(!format!("{server:?}").contains("sensitive") && server.name() == "http://127.0.0.1:9");
    for address in ["", "there", "ftp://there", "http://me:secret@there", "file:///etc"] {
        assert!(Server::new(address, "k", Clock::system(), Rng::seeded(1)).is_err(), "{address}");
    }
    let jellyfin =
        Arc::new(Jellyfin { mood: Mood::Fine, n_films: 3, n_asked: AtomicUsize::new(0) });
    let router = Router::new().fallback(answer).with_state(jellyfin);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let server =
        Server::new(&format!("http://{address}/jf/"), "the key", Clock::system(), Rng::seeded(1));
    let read = server.expect("an address").read(now(), &|_, _, _| false).await;
    assert!(matches!(read, Err(Unreadable::Stopped)));
    serving.abort();
}
