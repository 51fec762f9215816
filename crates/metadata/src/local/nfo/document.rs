//! From the elements of a document to facts. Names are those of Kodi 12 to 21 and of Jellyfin and Emby where they differ.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::tree::Element;
use super::{Document, Subject};
use crate::facts::{Collection, Facts, Status};
use crate::{Credit, Role};

/// No list of a description is longer; what goes beyond is an attack or a mistake.
const MAX_CREDITS: usize = 500;

/// What a root element describes; `None` for roots of other tools.
pub fn read(root: &Element) -> Option<Document> {
    let subject = match root.name.as_str() {
        "movie" => Subject::Movie,
        "tvshow" => Subject::Series,
        "season" => Subject::Season,
        "episodedetails" => Subject::Episode,
        _ => return None,
    };
    Some(Document { subject, facts: facts(root, subject) })
}

fn facts(root: &Element, subject: Subject) -> Facts {
    let text = |name| root.text_of(name).map(str::to_owned);
    let number = |name| root.text_of(name).and_then(|it| it.parse::<i32>().ok());
    let released_on =
        ["premiered", "releasedate", "aired"].into_iter().find_map(|it| date(root.text_of(it)?));
    Facts {
        title: text("title"),
        sort_title: text("sorttitle"),
        original_title: text("originaltitle"),
        tagline: text("tagline"),
        overview: text("plot").or_else(|| text("outline")),
        year: number("year").filter(|it| (1870..=2200).contains(it)),
        released_on,
        ended_on: root.text_of("enddate").and_then(date),
        runtime_ms: runtime_ms(root),
        rating: rating(root),
        content_rating: text("mpaa").or_else(|| text("certification")),
        status: root.text_of("status").and_then(status),
        collection: collection(root),
        season: number("season").or_else(|| number("seasonnumber")),
        episode: number("episode").filter(|_| subject == Subject::Episode),
        airs_before: number("displayseason")
            .or_else(|| number("airsbefore_season"))
            .filter(|it| *it >= 0)
            .map(|season| {
                let episode = number("displayepisode").or_else(|| number("airsbefore_episode"));
                (season, episode.filter(|it| *it >= 0))
            }),
        airs_after_season: number("airsafter_season").filter(|it| *it >= 0),
        genres: list(root, "genre"),
        tags: list(root, "tag"),
        studios: list(root, "studio"),
        countries: list(root, "country"),
        credits: credits(root),
        ids: ids(root, subject),
        ..Facts::default()
    }
}

/// Repeated elements, each of which may itself hold several names.
fn list(root: &Element, name: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for value in root.all(name).flat_map(|it| it.text.split(" / ")).map(str::trim) {
        if !value.is_empty() && !found.iter().any(|it| it.eq_ignore_ascii_case(value)) {
            found.push(value.to_owned());
        }
    }
    found
}

/// Kodi writes dates as `2010-07-16`; some tools append a time.
fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()
}

/// Minutes, also when written as `148 min`.
fn runtime_ms(root: &Element) -> Option<i64> {
    let text = root.text_of("runtime")?;
    let end = text.find(|it: char| !it.is_ascii_digit()).unwrap_or(text.len());
    let minutes: i64 = text[..end].parse().ok()?;
    (1..=100_000).contains(&minutes).then(|| minutes * 60_000)
}

/// The default of `<ratings>`, or the old single `<rating>`; scaled to ten.
fn rating(root: &Element) -> Option<f32> {
    let ratings = || root.all("ratings").flat_map(|it| it.all("rating"));
    let chosen = ratings().find(|it| it.attribute("default") == Some("true"));
    let (value, max) = match chosen.or_else(|| ratings().next()) {
        Some(rating) => {
            (rating.text_of("value")?, rating.attribute("max").and_then(|it| it.parse().ok()))
        }
        None => (root.text_of("rating")?, None),
    };
    let value: f32 = value.replace(',', ".").parse().ok()?;
    let scaled = value * 10.0 / max.filter(|it: &f32| *it > 0.0).unwrap_or(10.0);
    // Kodi writes 0 for "not rated".
    (scaled > 0.0 && scaled <= 10.0).then_some(scaled)
}

fn status(text: &str) -> Option<Status> {
    match text.to_ascii_lowercase().as_str() {
        "continuing" | "returning series" => Some(Status::Continuing),
        "ended" | "canceled" | "cancelled" => Some(Status::Ended),
        "upcoming" | "planned" | "in production" | "unreleased" => Some(Status::Upcoming),
        _ => None,
    }
}

/// `<set><name>..</name></set>` since Kodi 15, the bare text before.
fn collection(root: &Element) -> Option<Collection> {
    let set = root.all("set").next()?;
    let name = set.text_of("name").unwrap_or(set.text.trim()).to_owned();
    let overview = set.text_of("overview").map(str::to_owned);
    (!name.is_empty()).then(|| Collection { name, overview, ..Collection::default() })
}

fn credits(root: &Element) -> Vec<Credit> {
    let crew = |name: &'static str, role| {
        list(root, name).into_iter().map(move |name| Credit::new(name, role))
    };
    let actors = root.all("actor").filter_map(|actor| {
        let role = match actor.text_of("type") {
            Some(kind) if kind.eq_ignore_ascii_case("gueststar") => Role::Guest,
            _ => Role::Actor,
        };
        let character = actor.text_of("role").map(str::to_owned);
        Some(Credit { character, ..Credit::new(actor.text_of("name")?, role) })
    });
    crew("director", Role::Director)
        .chain(crew("credits", Role::Writer))
        .chain(crew("writer", Role::Writer).filter(|_| root.all("credits").next().is_none()))
        .chain(crew("composer", Role::Composer))
        .chain(crew("producer", Role::Producer))
        .chain(actors)
        .take(MAX_CREDITS)
        .collect()
}

/// `<uniqueid type="imdb">`, and the elements older tools write.
fn ids(root: &Element, subject: Subject) -> BTreeMap<String, String> {
    let mut ids = BTreeMap::new();
    for id in root.all("uniqueid") {
        let (Some(provider), value) = (id.attribute("type"), id.text.trim()) else { continue };
        add(&mut ids, &provider.to_ascii_lowercase(), value);
    }
    for (name, provider) in [
        ("imdbid", "imdb"),
        ("imdb_id", "imdb"),
        ("tmdbid", "tmdb"),
        ("tvdbid", "tvdb"),
        ("tvmazeid", "tvmaze"),
        ("anidbid", "anidb"),
    ] {
        add(&mut ids, provider, root.text_of(name).unwrap_or_default());
    }
    // `<id>` is IMDb's in films and TheTVDB's in series, by the tools' defaults of their time.
    let id = root.text_of("id").unwrap_or_default();
    if id.starts_with("tt") {
        add(&mut ids, "imdb", id);
    } else if subject == Subject::Series {
        add(&mut ids, "tvdb", id);
    }
    ids
}

/// The first id of a provider counts; an id is short and of plain letters.
fn add(ids: &mut BTreeMap<String, String>, provider: &str, value: &str) {
    let is_plain = |it: &str, max| {
        (1..=max).contains(&it.len())
            && it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_')
    };
    if is_plain(provider, 32) && is_plain(value, 64) && value != "0" && value != "-1" {
        ids.entry(provider.to_owned()).or_insert_with(|| value.to_owned());
    }
}

/// Ids in the addresses of pages, which a person may put into an NFO file instead of a description.
pub fn ids_in_addresses(text: &str) -> BTreeMap<String, String> {
    let mut ids = BTreeMap::new();
    for (site, provider) in [
        ("imdb.com/title/", "imdb"),
        ("themoviedb.org/movie/", "tmdb"),
        ("themoviedb.org/tv/", "tmdb"),
        ("thetvdb.com/?tab=series&id=", "tvdb"),
        ("tvmaze.com/shows/", "tvmaze"),
    ] {
        let Some(at) = text.find(site) else { continue };
        let rest = &text[at + site.len()..];
        let end = rest.find(|it: char| !it.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let value = &rest[..end];
        if provider != "imdb" || value.starts_with("tt") {
            add(&mut ids, provider, value);
        }
    }
    ids
}
