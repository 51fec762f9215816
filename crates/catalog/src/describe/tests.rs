use std::time::Duration;

use chrono::NaiveDate;
use kernel::Limit;
use kernel::id::{ItemId, LibraryId};
use metadata::described::{
    EpisodeDescribed, EpisodeOrder, OrderKind, OrderSlot, SeasonDescribed, Translation,
};
use metadata::facts::{Collection, SourceRating, Trailer, TrailerKind};
use metadata::{
    Address, ArtworkRole, Credit, Described, Facts, ProviderError, RemoteArtwork, Role, Status,
};

use super::LibraryMetadata;
use super::run::Outcome;
use super::settings::MetadataPatch;
use crate::sample::{Memory, NewItem, Sample, administrator, insert_shows, run, text, viewer};

fn address(name: &str) -> Address {
    Address::parse(&format!("https://example.org/{name}")).expect("an address")
}

/// All that a provider may say of a film.
fn heat() -> Described {
    let mut pacino = Credit::new("Al Pacino", Role::Actor);
    pacino.character = Some("Hanna".to_owned());
    pacino.picture = Some(address("pacino.jpg"));
    pacino.ids.insert("tmdb".to_owned(), "1158".to_owned());
    let facts = Facts {
        overview: Some("Two men.".to_owned()),
        released_on: NaiveDate::from_ymd_opt(1995, 12, 15),
        rating: Some(7.9),
        ratings: vec![SourceRating { source: "tmdb".to_owned(), value: 7.9, votes: Some(7000) }],
        content_rating: Some("R".to_owned()),
        genres: vec!["Crime".to_owned(), "Drama".to_owned()],
        studios: vec!["Regency".to_owned()],
        countries: vec!["US".to_owned()],
        credits: vec![Credit::new("Michael Mann", Role::Director), pacino],
        trailers: vec![Trailer {
            title: None,
            url: address("trailer"),
            kind: TrailerKind::Trailer,
            language: None,
        }],
        collection: Some(Collection { name: "Mann's".to_owned(), ..Collection::default() }),
        ids: [("imdb".to_owned(), "tt0113277".to_owned())].into(),
        ..Facts::default()
    };
    Described {
        facts,
        translations: vec![Translation {
            language: "de".to_owned(),
            title: Some("Hitze".to_owned()),
            ..Translation::default()
        }],
        artwork: vec![RemoteArtwork::new(ArtworkRole::Poster, address("poster.jpg"))],
        ..Described::default()
    }
}

async fn film(it: &Sample, title: &str, year: i32) -> (LibraryId, ItemId) {
    let library = it.library("Films").await;
    let film = it.item(NewItem { year: Some(year), ..NewItem::film(library, title) }).await;
    (library, film)
}

#[tokio::test]
async fn a_film_that_is_found_is_described_whole() {
    let tmdb = Memory::new("tmdb");
    tmdb.know("949", "Heat", 1995, heat());
    tmdb.know("10", "Heat", 1986, Described::default());
    let it = Sample::asking(std::slice::from_ref(&tmdb)).await;
    let (library, film) = film(&it, "heat", 1995).await;
    assert_eq!(it.catalog.describe_item(film).await.expect("asked"), Outcome::Described);

    let person = viewer(1, [library]);
    let detail = it.catalog.find_item(&person, film).await.expect("the film");
    assert_eq!((detail.card.title.as_str(), detail.card.year), ("Heat", Some(1995)));
    assert_eq!(detail.overview.as_deref(), Some("Two men."));
    assert_eq!(detail.genres, ["Crime", "Drama"]);
    assert_eq!(
        (detail.studios, detail.countries),
        (vec!["Regency".to_owned()], vec!["US".to_owned()])
    );
    let people: Vec<_> =
        detail.credits.iter().map(|it| (it.name.as_str(), it.role.as_str())).collect();
    assert_eq!(people, [("Michael Mann", "director"), ("Al Pacino", "actor")]);
    assert!(detail.credits[1].portrait.is_some(), "it is fetched when it is asked for");
    assert_eq!(detail.external_ids["tmdb"], "949");
    assert_eq!(detail.external_ids["imdb"], "tt0113277");
    let about = detail.about;
    assert_eq!((about.match_state.as_str(), about.content_rating_age), ("matched", Some(17)));
    assert_eq!(about.ratings[0].votes, Some(7000));
    assert_eq!(about.trailers[0].url, "https://example.org/trailer");
    assert_eq!(about.attributions[0].name, "Memory");
    assert_eq!(about.locked, None, "for administrators only");
    let set = it.catalog.find_collection(&person, about.collections[0].id).await.expect("the set");
    assert_eq!((set.name.as_str(), set.items[0].id), ("Mann's", film));
    assert_eq!(
        it.catalog.list_collections(&person, None, Limit::new(None)).await.expect("sets").items[0]
            .item_count,
        1
    );

    let pacino = detail.credits[1].id;
    let member = it.catalog.find_cast_member(&person, pacino).await.expect("a person");
    assert_eq!(member.external_ids["tmdb"], "1158");
    let items =
        it.catalog.list_cast_items(&person, pacino, None, Limit::new(None)).await.expect("items");
    assert_eq!(items.items[0].item.id, film);
    assert_eq!(items.items[0].parts[0].character.as_deref(), Some("Hanna"));
    let stranger = viewer(2, []);
    assert!(it.catalog.find_cast_member(&stranger, pacino).await.is_err());
    assert!(it.catalog.find_collection(&stranger, set.id).await.is_err());
    assert!(
        it.catalog
            .list_collections(&stranger, None, Limit::new(None))
            .await
            .expect("sets")
            .items
            .is_empty()
    );

    let mut db = it.catalog.connection().await.expect("a connection");
    let remote = "SELECT string_agg(role || ' ' || url, ',') FROM image WHERE item_id = $1";
    assert_eq!(
        text(&mut db, remote, film).await.as_deref(),
        Some("poster https://example.org/poster.jpg")
    );
    let german = "SELECT title FROM translation WHERE item_id = $1 AND language = 'de'";
    assert_eq!(text(&mut db, german, film).await.as_deref(), Some("Hitze"));
    let due = "SELECT (describe_due_at > TIMESTAMPTZ '2026-02-01Z')::text FROM item WHERE id = $1";
    assert_eq!(
        text(&mut db, due, film).await.as_deref(),
        Some("true"),
        "an old film changes rarely"
    );
    let outbox = "SELECT count(*)::text FROM search_outbox WHERE item_id = $1";
    assert_eq!(text(&mut db, outbox, film).await.as_deref(), Some("1"));
}

#[tokio::test]
async fn asking_twice_changes_nothing_and_what_a_source_no_longer_says_goes() {
    let tmdb = Memory::new("tmdb");
    tmdb.know("949", "Heat", 1995, heat());
    let it = Sample::asking(std::slice::from_ref(&tmdb)).await;
    let (library, film) = film(&it, "heat", 1995).await;
    let person = viewer(1, [library]);
    let look = async || {
        let detail = it.catalog.find_item(&person, film).await.expect("the film");
        serde_json::to_value(detail).expect("JSON")
    };
    it.catalog.describe_item(film).await.expect("asked");
    let before = look().await;
    it.catalog.describe_item(film).await.expect("asked");
    assert_eq!(look().await, before);

    let mut less = heat();
    less.facts.overview = None;
    less.facts.genres = vec!["Thriller".to_owned()];
    less.facts.collection = None;
    less.facts.credits.truncate(1);
    less.artwork.clear();
    tmdb.know("949", "Heat", 1995, less);
    it.catalog.describe_item(film).await.expect("asked");
    let after = look().await;
    assert_eq!(
        (&after["overview"], &after["genres"][0]),
        (&serde_json::Value::Null, &"Thriller".into())
    );
    assert_eq!(
        (after["credits"].as_array().map(Vec::len), after["collections"].as_array().map(Vec::len)),
        (Some(1), Some(0))
    );
}

#[tokio::test]
async fn what_is_not_clear_is_left_to_a_person_and_stays_as_its_name_says() {
    let tmdb = Memory::new("tmdb");
    tmdb.know("1", "Heat", 1995, Described::default());
    tmdb.know("2", "Heat", 1986, Described::default());
    let it = Sample::asking(std::slice::from_ref(&tmdb)).await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Heat")).await;
    assert_eq!(it.catalog.describe_item(film).await.expect("asked"), Outcome::Doubt);
    let admin = administrator([library]);
    let page = it.catalog.list_review(&admin, None, None, Limit::new(None)).await.expect("a page");
    assert_eq!((page.items[0].id, page.items[0].candidates.len()), (film, 2));
    let detail = it.catalog.find_item(&admin, film).await.expect("the film");
    assert_eq!((detail.card.title.as_str(), detail.card.year), ("Heat", None));
    let nothing = it.item(NewItem::film(library, "Holiday 2014")).await;
    assert_eq!(it.catalog.describe_item(nothing).await.expect("asked"), Outcome::Doubt);
}

#[tokio::test]
async fn an_id_in_the_name_settles_it() {
    let tmdb = Memory::new("tmdb");
    tmdb.know("1", "Heat", 1995, heat());
    tmdb.know("2", "Something Else", 2001, Described::default());
    let it = Sample::asking(std::slice::from_ref(&tmdb)).await;
    let (library, film) = film(&it, "Heat", 1995).await;
    let mut db = it.catalog.connection().await.expect("a connection");
    run(&mut db, r#"UPDATE item_source SET facts = jsonb_set(facts, '{facts,ids}', '{"tmdb": "2"}') WHERE item_id = $1"#, film).await;
    it.catalog.describe_item(film).await.expect("asked");
    let detail = it.catalog.find_item(&viewer(1, [library]), film).await.expect("the film");
    assert_eq!(detail.card.title, "Something Else");
}

#[tokio::test]
async fn sources_complete_each_other_in_the_order_of_the_library() {
    let (tmdb, omdb) = (Memory::new("tmdb"), Memory::new("omdb"));
    tmdb.know("949", "Heat", 1995, heat());
    let rated = Facts {
        title: Some("HEAT".to_owned()),
        tagline: Some("A Los Angeles crime saga".to_owned()),
        ratings: vec![SourceRating { source: "imdb".to_owned(), value: 8.3, votes: None }],
        ids: [("imdb".to_owned(), "tt0113277".to_owned())].into(),
        ..Facts::default()
    };
    omdb.know("x", "HEAT", 1995, Described { facts: rated, ..Described::default() });
    let it = Sample::asking(&[tmdb, omdb.clone()]).await;
    let (library, film) = film(&it, "heat", 1995).await;
    let admin = administrator([library]);
    it.catalog.describe_item(film).await.expect("asked");
    let detail = it.catalog.find_item(&admin, film).await.expect("the film");
    assert_eq!(
        (detail.card.title.as_str(), detail.tagline.as_deref()),
        ("Heat", Some("A Los Angeles crime saga"))
    );
    let ratings: Vec<_> = detail.about.ratings.iter().map(|it| it.source.as_str()).collect();
    assert_eq!(ratings, ["tmdb", "imdb"]);

    let order = LibraryMetadata { order: vec!["omdb".to_owned()], ..LibraryMetadata::default() };
    it.catalog.update_library_metadata(&admin, library, &order).await.expect("said");
    assert_eq!(it.catalog.library_metadata(&admin, library).await.expect("kept"), order);
    it.catalog.describe_item(film).await.expect("asked");
    assert_eq!(it.catalog.find_card(&admin, film).await.expect("the film").title, "HEAT");

    // Who is away for a while keeps their word.
    omdb.fail(Some(ProviderError::Busy { retry_after: Duration::from_mins(5) }));
    it.catalog.describe_item(film).await.expect("asked");
    assert_eq!(it.catalog.find_card(&admin, film).await.expect("the film").title, "HEAT");
    let mut db = it.catalog.connection().await.expect("a connection");
    let soon = "SELECT (describe_due_at <= TIMESTAMPTZ '2026-01-20 12:06:00Z')::text FROM item WHERE id = $1";
    assert_eq!(text(&mut db, soon, film).await.as_deref(), Some("true"), "and is asked again soon");
    let sources = it.catalog.list_item_sources(&admin, film).await.expect("sources");
    let names: Vec<_> = sources.sources.iter().map(|it| it.source.as_str()).collect();
    assert_eq!(names, ["omdb", "tmdb", "name"]);
}

#[tokio::test]
async fn providers_that_cannot_be_asked_put_off_and_lose_nothing() {
    let tmdb = Memory::new("tmdb");
    tmdb.know("949", "Heat", 1995, heat());
    let it = Sample::asking(std::slice::from_ref(&tmdb)).await;
    let (library, film) = film(&it, "heat", 1995).await;
    let failure = ProviderError::Busy { retry_after: Duration::from_mins(3) };
    tmdb.fail(Some(failure.clone()));
    assert_eq!(
        it.catalog.describe_item(film).await.expect("asked"),
        Outcome::Later(Duration::from_mins(3))
    );
    tmdb.fail(None);
    it.catalog.describe_item(film).await.expect("asked");
    tmdb.fail(Some(failure));
    it.catalog.describe_item(film).await.expect("asked");
    let card = it.catalog.find_card(&viewer(1, [library]), film).await.expect("the film");
    assert_eq!(card.title, "Heat");

    let silent = Sample::start().await;
    let films = silent.library("Films").await;
    let film = silent.item(NewItem::film(films, "Heat")).await;
    assert_eq!(silent.catalog.describe_item(film).await.expect("asked"), Outcome::Nobody);
    let unknown = ItemId(uuid::Uuid::from_u128(9));
    assert_eq!(silent.catalog.describe_item(unknown).await.expect("asked"), Outcome::Nothing);
}

fn episode(season: i32, number: i32, title: &str) -> EpisodeDescribed {
    let facts = Facts {
        title: Some(title.to_owned()),
        overview: Some(format!("About {title}.")),
        released_on: NaiveDate::from_ymd_opt(2025 + season, 1, number as u32),
        airs_after_season: (season == 0).then_some(1),
        ..Facts::default()
    };
    let artwork = vec![RemoteArtwork::new(ArtworkRole::Thumb, address(&format!("{title}.jpg")))];
    EpisodeDescribed { season, number, facts, artwork, ..EpisodeDescribed::default() }
}

/// A series of two seasons, of which the second is yet to come.
fn dark() -> Described {
    let season = Facts { title: Some("The First".to_owned()), ..Facts::default() };
    let slot =
        |number, aired_number| OrderSlot { season: 1, number, aired_season: 1, aired_number };
    Described {
        facts: Facts {
            status: Some(Status::Continuing),
            next_air_on: NaiveDate::from_ymd_opt(2027, 1, 1),
            networks: vec!["Netflix".to_owned()],
            ..Facts::default()
        },
        seasons: vec![SeasonDescribed { number: 1, facts: season, ..SeasonDescribed::default() }],
        episodes: vec![
            episode(0, 1, "Making of"),
            episode(1, 1, "Secrets"),
            episode(1, 2, "Lies"),
            episode(1, 3, "Past and Present"),
            episode(2, 1, "Beginnings"),
        ],
        orders: vec![EpisodeOrder {
            kind: OrderKind::Dvd,
            name: None,
            slots: vec![slot(1, 2), slot(2, 1), slot(3, 3)],
        }],
        ..Described::default()
    }
}

#[tokio::test]
async fn a_series_is_described_with_what_is_there_and_what_is_missing() {
    let tvdb = Memory::new("tvdb");
    tvdb.know("334824", "Dark", 2017, dark());
    let it = Sample::asking(&[tvdb]).await;
    let mut db = it.catalog.connection().await.expect("a connection");
    let library = insert_shows(&mut db, "Shows").await;
    let series = it.series(library, "Dark", &[1, 2]).await;
    let watcher = viewer(1, [library]);
    it.catalog.mark_played(&watcher, series.episodes[2]).await.expect("marked");
    assert_eq!(it.catalog.describe_item(series.root).await.expect("asked"), Outcome::Described);
    let admin = administrator([library]);
    let title = async |id| it.catalog.find_card(&admin, id).await.expect("an item").title;
    assert_eq!(title(series.seasons[1]).await, "The First");
    let titles = [
        title(series.episodes[0]).await,
        title(series.episodes[1]).await,
        title(series.episodes[2]).await,
    ];
    assert_eq!(titles, ["Making of", "Secrets", "Lies"]);
    let detail = it.catalog.find_item(&admin, series.root).await.expect("the series");
    assert_eq!(
        (detail.about.status.as_deref(), detail.networks.as_slice()),
        (Some("continuing"), &["Netflix".to_owned()][..])
    );
    let special = it.catalog.find_item(&admin, series.episodes[0]).await.expect("the special");
    assert_eq!(special.about.airs.expect("a place").after_season, Some(1));
    let still = "SELECT url FROM image WHERE item_id = $1 AND role = 'thumb'";
    assert_eq!(
        text(&mut db, still, series.episodes[1]).await.as_deref(),
        Some("https://example.org/Secrets.jpg")
    );

    let missing = async |id, specials| {
        let page = it
            .catalog
            .list_missing(&admin, id, specials, None, Limit::new(None))
            .await
            .expect("a list");
        page.items
            .into_iter()
            .map(|it| (it.season_number, it.episode_number, it.is_upcoming))
            .collect::<Vec<_>>()
    };
    assert_eq!(missing(series.root, false).await, [(1, 3, false), (2, 1, true)]);
    assert_eq!(missing(series.seasons[1], false).await, [(1, 3, false)]);
    assert!(missing(series.seasons[0], true).await.is_empty());
    let first = it
        .catalog
        .list_missing(&admin, series.root, false, None, Limit::new(Some(1)))
        .await
        .expect("a page");
    let next = first.next.expect("there is more");
    let rest = it
        .catalog
        .list_missing(&admin, series.root, false, Some(&next), Limit::new(Some(1)))
        .await
        .expect("a page");
    assert_eq!((rest.items[0].title.as_deref(), rest.next), (Some("Beginnings"), None));
    assert!(
        it.catalog
            .list_missing(&viewer(2, []), series.root, false, None, Limit::new(None))
            .await
            .is_err()
    );
    let children = it
        .catalog
        .list_children(&admin, series.seasons[1], None, Limit::new(None))
        .await
        .expect("children");
    let listed: Vec<_> = children.items.iter().map(|it| it.id).collect();
    let there = [series.episodes[1], series.episodes[2], series.episodes[0]];
    assert_eq!(listed, there, "lists show what is there, the special behind its season");
    let home = it.catalog.home(&watcher).await.expect("the first page");
    let next = home.rows.iter().find(|it| it.id == crate::home::HomeRowId::NextUp);
    assert_eq!(next.expect("something").items[0].id, series.episodes[0], "now that it has a place");

    // By another order the same files are other episodes.
    let patch =
        crate::edit::ItemPatch { episode_order: Some("dvd".to_owned()), ..Default::default() };
    it.catalog.update_item(&admin, series.root, &patch).await.expect("changed");
    assert_eq!(
        [title(series.episodes[1]).await, title(series.episodes[2]).await],
        ["Lies", "Secrets"]
    );
    let sources = it.catalog.list_item_sources(&admin, series.root).await.expect("sources");
    assert_eq!(sources.episode_orders, ["dvd"]);
}

#[tokio::test]
async fn people_of_one_name_are_told_apart_by_their_ids() {
    let tmdb = Memory::new("tmdb");
    let played = |id: Option<&str>| {
        let mut credit = Credit::new("John Smith", Role::Actor);
        credit.ids.extend(id.map(|it| ("tmdb".to_owned(), it.to_owned())));
        Described {
            facts: Facts { credits: vec![credit], ..Facts::default() },
            ..Described::default()
        }
    };
    tmdb.know("1", "One", 2001, played(None));
    tmdb.know("2", "Two", 2002, played(Some("7")));
    tmdb.know("3", "Three", 2003, played(Some("8")));
    tmdb.know("4", "Four", 2004, played(Some("7")));
    let it = Sample::asking(&[tmdb]).await;
    let library = it.library("Films").await;
    let mut people = Vec::new();
    for (title, year) in [("One", 2001), ("Two", 2002), ("Three", 2003), ("Four", 2004)] {
        let film = it.item(NewItem { year: Some(year), ..NewItem::film(library, title) }).await;
        it.catalog.describe_item(film).await.expect("asked");
        let detail = it.catalog.find_item(&viewer(1, [library]), film).await.expect("the film");
        people.push(detail.credits[0].id);
    }
    assert_eq!(people[0], people[1], "known by name only, and then by an id");
    assert_eq!(people[1], people[3]);
    assert_ne!(people[1], people[2]);
}

#[tokio::test]
async fn settings_are_checked_kept_and_never_shown() {
    let tmdb = Memory::new("tmdb");
    let it = Sample::asking(std::slice::from_ref(&tmdb)).await;
    let admin = administrator([]);
    let patch = |json| serde_json::from_value::<MetadataPatch>(json).expect("a patch");
    tmdb.fail(Some(ProviderError::KeyRefused));
    let wrong = patch(serde_json::json!({ "tmdb_key": "wrong" }));
    let refused = it.catalog.update_metadata_settings(&admin, wrong).await.expect_err("refused");
    assert_eq!(refused.to_string(), "tmdb_key: tmdb does not accept it");
    assert!(!it.catalog.check_provider(&admin, "tmdb").await.expect("checked").is_ok);
    tmdb.fail(None);
    let right = patch(
        serde_json::json!({ "tmdb_key": "secret", "language": "de", "tvmaze_enabled": true, "order": ["tvdb", "nfo"] }),
    );
    let shown = it.catalog.update_metadata_settings(&admin, right).await.expect("kept");
    assert!(!serde_json::to_string(&shown).expect("JSON").contains("secret"));
    let provider =
        |name: &str| shown.providers.iter().find(|it| it.name == name).expect("a provider").clone();
    assert!(
        provider("tmdb").has_key && provider("tmdb").is_entered && provider("tvmaze").is_enabled
    );
    assert_eq!((shown.language.as_str(), shown.order[0].as_str()), ("de", "tvdb"));
    let back = patch(serde_json::json!({ "tmdb_key": null, "language": null }));
    let shown = it.catalog.update_metadata_settings(&admin, back).await.expect("kept");
    assert_eq!((shown.language.as_str(), shown.providers[0].has_key), ("en", false));
    assert!(shown.providers[2].is_enabled, "what was left out stays");

    for (json, field) in [
        (serde_json::json!({ "order": ["nobody"] }), "order"),
        (serde_json::json!({ "language": "german" }), "language"),
        (serde_json::json!({ "country": "de" }), "country"),
        (serde_json::json!({ "tmdb_key": "a b" }), "tmdb_key"),
        (serde_json::json!({ "radarr": [{ "url": "radarr" }] }), "radarr[0].url"),
        (serde_json::json!({ "radarr": [{ "url": "http://radarr:7878" }] }), "radarr[0].key"),
    ] {
        let refused = it.catalog.update_metadata_settings(&admin, patch(json)).await;
        let Err(kernel::Error::Invalid { field: named, .. }) = refused else {
            panic!("{field} is refused")
        };
        assert_eq!(named, field);
    }
    let person = viewer(1, []);
    assert!(it.catalog.metadata_settings(&person).await.is_err());
    assert!(it.catalog.update_metadata_settings(&person, MetadataPatch::default()).await.is_err());
    assert!(it.catalog.check_provider(&person, "tmdb").await.is_err());
    assert!(it.catalog.check_provider(&admin, "omdb").await.is_err(), "it is not in use");
}
