//! From the elements of a document to facts. Names are those of Kodi 12 to 21 and of Jellyfin and Emby where they differ.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::tree::Element;
use super::{Document, Subject, pictures};
use crate::facts::{Collection, ContentRating, Facts, SourceRating, Status, Trailer, TrailerKind};
use crate::{Address, Credit, Role, age_rating};

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
    let (artwork, season_artwork) = pictures::read(root);
    Some(Document {
        artwork,
        season_artwork,
        season_titles: season_titles(root),
        ..Document::new(subject, facts(root, subject))
    })
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
        ratings: ratings(root),
        content_rating: text("mpaa").or_else(|| text("certification")),
        content_ratings: content_ratings(root),
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
        networks: list(root, "network"),
        trailers: root.all("trailer").filter_map(|it| trailer(it.text.trim())).collect(),
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
    scaled(value, max.unwrap_or(10.0))
}

fn status(text: &str) -> Option<Status> {
    match text.to_ascii_lowercase().as_str() {
        "continuing" | "returning series" => Some(Status::Continuing),
        "ended" | "canceled" | "cancelled" => Some(Status::Ended),
        "upcoming" | "planned" | "in production" | "unreleased" => Some(Status::Upcoming),
        _ => None,
    }
}

/// Every `<rating>` of `<ratings>`, by the names that we call their sources.
fn ratings(root: &Element) -> Vec<SourceRating> {
    let mut found: Vec<SourceRating> = Vec::new();
    for rating in root.all("ratings").flat_map(|it| it.all("rating")) {
        let name = rating.attribute("name").unwrap_or("default").to_ascii_lowercase();
        let source = match name.as_str() {
            "themoviedb" => "tmdb",
            "thetvdb" => "tvdb",
            // A percentage of critics, as tools call it that took it from there.
            "tomatometerallcritics" | "tomatometer" | "rotten_tomatoes" => "rottentomatoes",
            // Whose it is, it does not say.
            "default" => continue,
            other => other,
        };
        let most = rating.attribute("max").and_then(|it| it.parse().ok()).unwrap_or(10.0);
        let votes = rating.text_of("votes").map(|it| it.replace([',', '.'], ""));
        let votes = votes.and_then(|it| it.parse().ok()).filter(|it| *it > 0);
        let Some(value) = rating.text_of("value").and_then(|it| scaled(it, most)) else { continue };
        if source.len() <= 32 && found.iter().all(|it| it.source != source) {
            found.push(SourceRating { source: source.to_owned(), value, votes });
        }
    }
    // The percentage of critics, as Jellyfin keeps it.
    if let Some(value) = root.text_of("criticrating").and_then(|it| scaled(it, 100.0))
        && found.iter().all(|it| it.source != "rottentomatoes")
    {
        found.push(SourceRating { source: "rottentomatoes".to_owned(), value, votes: None });
    }
    found
}

/// A mark out of `most`, scaled to ten. Kodi writes 0 for "not rated".
fn scaled(text: &str, most: f32) -> Option<f32> {
    let value: f32 = text.replace(',', ".").parse().ok()?;
    let scaled = value * 10.0 / if most > 0.0 { most } else { 10.0 };
    (scaled > 0.0 && scaled <= 10.0).then_some(scaled)
}

/// `US:PG-13 / DE:FSK 12`, as tools write the ratings of several countries.
fn content_ratings(root: &Element) -> Vec<ContentRating> {
    let texts = ["certification", "mpaa"].into_iter().filter_map(|it| root.text_of(it));
    let mut found: Vec<ContentRating> = Vec::new();
    for part in texts.flat_map(|it| it.split(" / ")) {
        let Some((country, rating)) = part.trim().split_once(':') else { continue };
        let (country, rating) = (country.trim().to_ascii_uppercase(), rating.trim());
        let is_country = country.len() == 2 && country.bytes().all(|it| it.is_ascii_uppercase());
        if is_country && !rating.is_empty() && found.iter().all(|it| it.country != country) {
            let age = age_rating::age_in(&country, rating);
            found.push(ContentRating { country, rating: rating.to_owned(), age });
        }
    }
    found
}

/// An address, or the way Kodi calls its own player of YouTube.
fn trailer(text: &str) -> Option<Trailer> {
    let url = match text.strip_prefix("plugin://plugin.video.youtube/") {
        Some(rest) => {
            let at = rest.find("videoid=").map(|it| it + "videoid=".len());
            let at = at.or_else(|| rest.find("video_id=").map(|it| it + "video_id=".len()))?;
            let is_end = |it: char| !(it.is_ascii_alphanumeric() || it == '-' || it == '_');
            let id = rest[at..].split(is_end).next().filter(|it| !it.is_empty())?;
            Address::parse(&format!("https://www.youtube.com/watch?v={id}"))
        }
        None => Address::parse(text),
    };
    Some(Trailer { title: None, url: url?, kind: TrailerKind::Trailer, language: None })
}

/// `<namedseason number="1">Winter</namedseason>`.
fn season_titles(root: &Element) -> Vec<(i32, String)> {
    let titles = root.all("namedseason").filter_map(|it| {
        let number = it.attribute("number")?.parse().ok().filter(|it| (0..10_000).contains(it))?;
        let title = it.text.trim();
        (!title.is_empty()).then(|| (number, title.to_owned()))
    });
    titles.collect()
}

/// `<set><name>..</name></set>` since Kodi 15, the bare text before; Jellyfin adds the id of TMDb.
fn collection(root: &Element) -> Option<Collection> {
    let set = root.all("set").next()?;
    let name = set.text_of("name").unwrap_or(set.text.trim()).to_owned();
    let overview = set.text_of("overview").map(str::to_owned);
    let mut ids = BTreeMap::new();
    let id = set.attribute("tmdbcolid").or_else(|| root.text_of("tmdbcollectionid"));
    add(&mut ids, "tmdb", id.unwrap_or_default());
    (!name.is_empty()).then(|| Collection { name, overview, ids, ..Collection::default() })
}

fn credits(root: &Element) -> Vec<Credit> {
    let crew = |name: &'static str, role| {
        let people = root.all(name).flat_map(move |it| {
            // An id is that of the one person in the element.
            let ids = person_ids(it);
            it.text
                .split(" / ")
                .map(str::trim)
                .filter(|it| !it.is_empty())
                .map(move |name| Credit { ids: ids.clone(), ..Credit::new(name, role) })
                .collect::<Vec<_>>()
        });
        let mut seen = std::collections::HashSet::new();
        people.filter(move |it| seen.insert(it.name.clone())).collect::<Vec<_>>()
    };
    let mut actors: Vec<(i32, Credit)> = root
        .all("actor")
        .filter_map(|actor| {
            let role = match actor.text_of("type") {
                Some(kind) if kind.eq_ignore_ascii_case("gueststar") => Role::Guest,
                _ => Role::Actor,
            };
            let order = actor.text_of("order").and_then(|it| it.parse().ok()).unwrap_or(i32::MAX);
            let credit = Credit {
                character: actor.text_of("role").map(str::to_owned),
                picture: actor.text_of("thumb").and_then(Address::parse),
                ids: person_ids(actor),
                ..Credit::new(actor.text_of("name")?, role)
            };
            Some((order, credit))
        })
        .collect();
    actors.sort_by_key(|(order, _)| *order);
    crew("creator", Role::Creator)
        .into_iter()
        .chain(crew("director", Role::Director))
        .chain(crew("credits", Role::Writer))
        .chain(
            crew("writer", Role::Writer)
                .into_iter()
                .filter(|_| root.all("credits").next().is_none()),
        )
        .chain(crew("composer", Role::Composer))
        .chain(crew("producer", Role::Producer))
        .chain(actors.into_iter().map(|(_, credit)| credit))
        .take(MAX_CREDITS)
        .collect()
}

/// Ids of a person, as attributes or elements: `tmdbid`, `imdbid`, `tvdbid`.
fn person_ids(element: &Element) -> BTreeMap<String, String> {
    let mut ids = BTreeMap::new();
    for (name, provider) in [("tmdbid", "tmdb"), ("imdbid", "imdb"), ("tvdbid", "tvdb")] {
        let id = element.attribute(name).or_else(|| element.text_of(name));
        add(&mut ids, provider, id.unwrap_or_default());
    }
    ids
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
        ("wikidataid", "wikidata"),
    ] {
        add(&mut ids, provider, root.text_of(name).unwrap_or_default());
    }
    // Since Kodi 20 the guide holds the ids of the series, by provider, as JSON.
    let guide = root.text_of("episodeguide").filter(|_| subject == Subject::Series);
    if let Some(guide) = guide.filter(|it| it.starts_with('{'))
        && let Ok(guide) = serde_json::from_str::<BTreeMap<String, serde_json::Value>>(guide)
    {
        for (provider, id) in guide {
            let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
            add(&mut ids, &provider.to_ascii_lowercase(), &id);
        }
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
        ("thetvdb.com/dereferrer/series/", "tvdb"),
        ("tvmaze.com/shows/", "tvmaze"),
        ("wikidata.org/wiki/", "wikidata"),
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
