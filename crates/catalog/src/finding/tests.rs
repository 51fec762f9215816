use super::*;
use crate::sample::{NewItem, Sample, insert_credit, run, viewer};

fn typed(text: &str) -> SearchFor<'_> {
    SearchFor { text, limit: 10, ..SearchFor::default() }
}

#[tokio::test]
async fn what_changed_is_found_and_what_went_is_not() {
    let it = Sample::start().await;
    let (mine, other) = (it.library("Mine").await, it.library("Other").await);
    let akira = it.item(NewItem::film(mine, "Akira")).await;
    let secret = it.item(NewItem::film(other, "Akira's secret")).await;
    let mut db = it.catalog.connection().await.expect("a connection");
    for item in [akira, secret, akira] {
        run(&mut db, "INSERT INTO search_outbox (item_id) VALUES ($1)", item).await;
    }
    assert_eq!(it.catalog.feed_search().await.expect("fed"), 3);
    assert_eq!(it.catalog.feed_search().await.expect("fed"), 0, "nothing is left");
    let find = async |person: &kernel::Viewer| {
        let found = it.catalog.find_items(person, typed("akir")).await.expect("an answer");
        found.hits.into_iter().map(|it| it.item.id).collect::<Vec<_>>()
    };
    assert_eq!(find(&viewer(1, [mine])).await, [akira], "only of their libraries");
    assert_eq!(find(&viewer(1, [mine, other])).await.len(), 2);
    assert!(find(&viewer(1, [])).await.is_empty());

    run(&mut db, "UPDATE item SET missing_since = now() WHERE id = $1", akira).await;
    run(&mut db, "INSERT INTO search_outbox (item_id) VALUES ($1)", akira).await;
    assert_eq!(it.catalog.feed_search().await.expect("fed"), 1);
    assert!(find(&viewer(1, [mine])).await.is_empty());
}

#[tokio::test]
async fn an_item_is_found_by_every_title_that_anybody_knows_it_by() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Spirited Away")).await;
    let mut db = it.catalog.connection().await.expect("a connection");
    run(&mut db, "UPDATE item SET original_title = '千と千尋の神隠し' WHERE id = $1", film).await;
    let translated =
        "INSERT INTO translation (item_id, language, title) VALUES ($1, 'de', 'Chihiros Reise')";
    run(&mut db, translated, film).await;
    let sources = r#"
        INSERT INTO item_source (item_id, source, facts)
        SELECT $1, source, facts::jsonb
        FROM (VALUES
            ('tmdb', '{"other_titles": [{"title": "Sen to Chihiro no Kamikakushi"}, {"title": "Chihiros Reise"}]}'),
            ('tvdb', '{"facts": {}}')
        ) AS it (source, facts)
        ON CONFLICT (item_id, source) DO UPDATE SET facts = excluded.facts
    "#;
    run(&mut db, sources, film).await;
    run(&mut db, "INSERT INTO search_outbox (item_id) VALUES ($1)", film).await;
    it.catalog.feed_search().await.expect("fed");
    for text in ["spirited", "千と千尋", "chihiros reise", "kamikakushi"] {
        let found = it.catalog.find_items(&viewer(1, [library]), typed(text)).await;
        let hits = found.expect("an answer").hits;
        assert_eq!(hits.iter().map(|it| it.item.id).collect::<Vec<_>>(), [film], "{text}");
    }
}

#[tokio::test]
async fn an_index_made_anew_has_all_that_is_there() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let akira = it.item(NewItem::film(library, "Akira")).await;
    it.item(NewItem::film(library, "Alien")).await;
    let gone = it.item(NewItem::film(library, "Gone")).await;
    let mut db = it.catalog.connection().await.expect("a connection");
    run(&mut db, "UPDATE item SET missing_since = now() WHERE id = $1", gone).await;
    assert_eq!(it.catalog.rebuild_search().await.expect("made"), 2);
    it.catalog.search.flush().await.expect("written");
    let found =
        it.catalog.find_items(&viewer(1, [library]), typed("akira")).await.expect("an answer");
    assert_eq!(found.hits.iter().map(|it| it.item.id).collect::<Vec<_>>(), [akira]);
}

#[tokio::test]
async fn what_the_index_has_otherwise_than_the_database_is_brought_again() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let [akira, alien, brazil] = [
        it.item(NewItem::film(library, "Akira")).await,
        it.item(NewItem::film(library, "Alien")).await,
        it.item(NewItem::film(library, "Brazil")).await,
    ];
    let mut db = it.catalog.connection().await.expect("a connection");
    let person = insert_credit(&mut db, akira, "Katsuhiro Otomo").await;
    let rebuilt = it.catalog.rebuild_search().await.expect("made");
    it.catalog.search.flush().await.expect("written");
    let check = async || {
        Box::pin(it.catalog.check_search(|_, _| Ok(())))
            .await
            .map_err(|_| "stopped")
            .expect("compared")
    };
    let compared = Drift { compared: rebuilt, ..Drift::default() };
    assert_eq!(check().await, compared, "what was just made is as it should be");
    assert_eq!(it.catalog.search_lag().await.expect("asked"), SearchLag::default());

    // As after a restored backup, a lost disk, a fault of ours: nothing was told to the outbox.
    run(&mut db, "UPDATE item SET title = 'Aliens', sort_title = 'Aliens' WHERE id = $1", alien)
        .await;
    run(&mut db, "UPDATE item SET missing_since = now() WHERE id = $1", brazil).await;
    let id = uuid::Uuid::from_u128(7);
    let stray = search::Document { id, library_id: library.0, ..search::Document::default() };
    it.catalog.search.delete(&[akira.0, person]).await.expect("lost");
    it.catalog.search.upsert(&[stray]).await.expect("strayed");
    it.catalog.search.flush().await.expect("written");
    let drift = check().await;
    assert_eq!(drift, Drift { compared: rebuilt - 1, missing: 2, different: 1, extra: 2 });
    let lag = it.catalog.search_lag().await.expect("asked");
    assert_eq!(lag.waiting, 4, "the name is brought at once");
    while it.catalog.feed_search().await.expect("fed") > 0 {}
    assert_eq!(check().await, Drift { compared: rebuilt - 1, ..Drift::default() });
    let found = it.catalog.find_items(&viewer(1, [library]), typed("al")).await.expect("an answer");
    assert_eq!(found.hits.iter().map(|it| it.item.title.as_str()).collect::<Vec<_>>(), ["Aliens"]);

    let stopped = it.catalog.check_search(|_, _| Err(jobs::JobError::Cancelled)).await;
    assert!(matches!(stopped, Err(jobs::JobError::Cancelled)));
}

#[tokio::test]
async fn without_the_engine_titles_alike_are_found() {
    let it = Sample::start().await;
    let (mine, other) = (it.library("Mine").await, it.library("Other").await);
    let akira = it.item(NewItem::film(mine, "Akira")).await;
    it.item(NewItem::film(mine, "Brazil")).await;
    it.item(NewItem::film(other, "Akira")).await;
    let mut db = it.catalog.connection().await.expect("a connection");
    let scope = kernel::LibraryScope::of([mine]);
    for text in ["akira", "Akir", "akkira"] {
        let ids = store::list_alike(&mut db, &scope, text, None, 10).await.expect("an answer");
        assert_eq!(ids, [akira], "{text}");
    }
    assert!(
        store::list_alike(&mut db, &scope, "akira", Some("series"), 10)
            .await
            .expect("an answer")
            .is_empty()
    );
}

#[tokio::test]
async fn a_query_of_nothing_finds_nothing_and_one_too_long_is_refused() {
    let it = Sample::start().await;
    let person = viewer(1, []);
    assert_eq!(it.catalog.find_items(&person, typed("  ")).await.expect("an answer").found, 0);
    for wrong in ["a".repeat(201), "a\0b".to_owned()] {
        assert!(it.catalog.find_items(&person, typed(&wrong)).await.is_err());
    }
}

#[tokio::test]
async fn filters_facets_and_what_the_person_made_narrow_what_is_found() {
    let it = Sample::start().await;
    let (mine, other) = (it.library("Mine").await, it.library("Other").await);
    let film = |library, title, year| NewItem { year: Some(year), ..NewItem::film(library, title) };
    let akira = it.item(film(mine, "Akira", 1988)).await;
    let alien = it.item(film(mine, "Alien", 1979)).await;
    let aliens = it.item(film(mine, "Aliens", 1986)).await;
    let secret = it.item(film(other, "Alien Secret", 1990)).await;
    let mut db = it.catalog.connection().await.expect("a connection");
    for sql in [
        "INSERT INTO label (kind, name, identity) VALUES ('genre', 'Science Fiction', 'science fiction')
         ON CONFLICT DO NOTHING",
        "INSERT INTO item_label (item_id, label_id) SELECT $1, id FROM label WHERE name = 'Science Fiction'",
    ] {
        for item in [alien, aliens, secret] {
            if sql.contains("$1") {
                run(&mut db, sql, item).await;
            }
        }
        if !sql.contains("$1") {
            sqlx::query(sql).execute(&mut *db).await.expect("a genre");
        }
    }
    it.catalog.rebuild_search().await.expect("made");
    let person = viewer(1, [mine]);
    it.catalog.mark_played(&person, alien).await.expect("played");
    it.catalog.add_favourite(&person, akira).await.expect("loved");
    let ask = async |text: &str| {
        let wanted = SearchFor { is_full: true, ..typed(text) };
        it.catalog.find_items(&person, wanted).await.expect("an answer")
    };
    let ids = async |text: &str| {
        let found = ask(text).await;
        assert_eq!(found.found as usize, found.hits.len(), "{text}");
        found.hits.into_iter().map(|it| it.item.id).collect::<Vec<_>>()
    };
    assert_eq!(ids("alien is:unwatched").await, [aliens]);
    assert_eq!(ids("unwatched genre:\"science fiction\"").await, [aliens]);
    assert_eq!(ids("is:watched").await, [alien]);
    assert_eq!(ids("-is:unwatched").await, [alien]);
    assert_eq!(ids("is:favourite").await, [akira]);
    assert_eq!(ids("year:1980-1989 alien").await, [aliens]);
    assert_eq!(ids("library:Mine alien").await, [alien, aliens]);
    assert!(ids("library:Other alien").await.is_empty(), "of another's library nothing is told");

    let found = ask("alien").await;
    let facet = |key: &str| {
        let facet = found.facets.iter().find(|it| it.key == key);
        let values = facet.into_iter().flat_map(|it| &it.values);
        values.map(|it| format!("{} {} {}", it.value, it.count, it.query)).collect::<Vec<_>>()
    };
    assert_eq!(facet("genre"), ["Science Fiction 2 genre:\"Science Fiction\""]);
    assert_eq!(facet("library"), ["Mine 2 library:Mine"]);
    assert_eq!(facet("is"), ["watched 1 is:watched", "unwatched 1 is:unwatched"]);

    let found = ask("alien genre:\"science fiction\" year:soon").await;
    let shown: Vec<_> =
        found.filters.iter().map(|it| (it.key.as_str(), it.value.as_str())).collect();
    assert_eq!(shown, [("genre", "science fiction")]);
    assert_eq!(found.ignored, ["year:soon"]);
    let pieces: Vec<_> =
        found.hits[0].pieces.iter().map(|it| (it.text.as_str(), it.is_match)).collect();
    assert_eq!(pieces, [("Alien", true)]);
    assert_eq!(ask("allien").await.did_you_mean.as_deref(), Some("alien"));
    let left_out = ask("alien nobody is:unwatched").await.did_you_mean;
    assert_eq!(left_out.as_deref(), Some("alien is:unwatched"));
}

#[tokio::test]
async fn names_are_found_by_whom_an_item_of_theirs_exists_for() {
    let it = Sample::start().await;
    let (mine, other) = (it.library("Mine").await, it.library("Other").await);
    let akira = it.item(NewItem::film(mine, "Akira")).await;
    let secret = it.item(NewItem::film(other, "Secret")).await;
    let mut db = it.catalog.connection().await.expect("a connection");
    let seen = insert_credit(&mut db, akira, "Katsuhiro Otomo").await;
    insert_credit(&mut db, secret, "Katja Hidden").await;
    for item in [akira, secret] {
        run(&mut db, "INSERT INTO search_outbox (item_id) VALUES ($1)", item).await;
    }
    it.catalog.feed_search().await.expect("fed");
    let names = async |person: &kernel::Viewer, text: &str| {
        let wanted = SearchFor { is_full: true, ..typed(text) };
        let found = it.catalog.find_items(person, wanted).await.expect("an answer");
        found.names.into_iter().map(|it| it.id).collect::<Vec<_>>()
    };
    assert_eq!(names(&viewer(1, [mine]), "kat").await, [seen]);
    assert_eq!(names(&viewer(1, [mine, other]), "kat").await.len(), 2);
    assert!(names(&viewer(1, []), "kat").await.is_empty());
    // Marked since the index was written: PostgreSQL has the last word.
    run(&mut db, "UPDATE item SET content_rating_age = 18 WHERE id = $1", akira).await;
    let young = kernel::Viewer {
        scope: kernel::LibraryScope::of([mine])
            .guarded(kernel::Guard { hidden: vec![-19], wanted: Vec::new() }),
        ..viewer(1, [mine])
    };
    assert!(names(&young, "kat").await.is_empty());

    let complete = async |text: &str| {
        let done = it.catalog.complete_search(&viewer(1, [mine]), text).await.expect("an answer");
        done.into_iter().map(|it| it.text).collect::<Vec<_>>()
    };
    assert_eq!(complete("person:kat").await, ["person:\"Katsuhiro Otomo\" "]);
    assert_eq!(complete("akira ki").await, ["akira kind:"]);
    assert_eq!(complete("kind:mo").await, ["kind:movie "]);
    assert_eq!(complete("library:").await, ["library:Mine "]);
    assert_eq!(complete("-is:un").await, ["-is:unwatched "]);
    assert!(complete("akira ").await.is_empty() && complete("nothing:x").await.is_empty());
}

#[tokio::test]
async fn people_are_found_by_what_they_did_and_by_whom_they_played() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let (heat, thief) = (
        it.item(NewItem::film(library, "Heat")).await,
        it.item(NewItem::film(library, "Thief")).await,
    );
    let mut db = it.catalog.connection().await.expect("a connection");
    let mann = insert_credit(&mut db, heat, "Michael Mann").await;
    let caan = insert_credit(&mut db, thief, "James Caan").await;
    for (item, person, position, role, character) in [
        (heat, mann, 100_i16, "director", None),
        (thief, mann, 100, "writer", None),
        (thief, caan, 101, "actor", Some("Frank Hohimer")),
    ] {
        sqlx::query(
            "INSERT INTO credit (item_id, position, person_id, role, character) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(item.0)
        .bind(position)
        .bind(person)
        .bind(role)
        .bind(character)
        .execute(&mut *db)
        .await
        .expect("inserted");
    }
    it.catalog.rebuild_search().await.expect("made");
    let admin = it.admin().await;
    let find = async |text: &str| {
        it.catalog.find_items(&admin, typed(text)).await.expect("an answer").hits
    };
    let ids =
        async |text: &str| find(text).await.into_iter().map(|it| it.item.id).collect::<Vec<_>>();
    assert_eq!(ids("director:\"michael mann\"").await, [heat]);
    assert_eq!(ids("writer:\"michael mann\"").await, [thief]);
    assert_eq!(ids("actor:\"james caan\"").await, [thief]);
    assert!(ids("composer:\"michael mann\"").await.is_empty());
    let sorted = SearchFor {
        sort: Some(search::Sort { by: search::SortBy::Title, is_descending: true }),
        ..typed("michael mann")
    };
    let found = it.catalog.find_items(&admin, sorted).await.expect("an answer");
    assert_eq!(found.hits.iter().map(|it| it.item.id).collect::<Vec<_>>(), [thief, heat]);

    let hits = find("hohimer").await;
    let matched = hits[0].matched.as_ref().expect("not in the title");
    let text: String = matched.pieces.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(
        (hits[0].item.id, matched.place.as_str(), text.as_str()),
        (thief, "character", "Frank Hohimer")
    );
}

#[tokio::test]
async fn recent_searches_are_ones_own_few_and_forgotten() {
    let it = Sample::start().await;
    let (one, two) = (viewer(1, []), viewer(2, []));
    let list = async |person| {
        let recent = it.catalog.list_recent_searches(person).await.expect("a list");
        recent.into_iter().map(|it| it.text).collect::<Vec<_>>()
    };
    for text in ["alien", "  heat ", "alien"] {
        it.pass(1);
        it.catalog.add_recent_search(&one, text).await.expect("kept");
    }
    assert_eq!(list(&one).await, ["alien", "heat"], "each once, the newest first");
    assert!(list(&two).await.is_empty());
    it.catalog.delete_recent_searches(&one, Some("alien")).await.expect("forgotten");
    assert_eq!(list(&one).await, ["heat"]);
    for n in 0..50 {
        it.pass(1);
        it.catalog.add_recent_search(&one, &format!("film {n}")).await.expect("kept");
    }
    assert_eq!((list(&one).await.len(), list(&one).await[0].as_str()), (20, "film 49"));
    let adult = kernel::Viewer { area: kernel::Area::Adult, ..one.clone() };
    it.catalog.add_recent_search(&adult, "secret").await.expect("not kept");
    assert!(!list(&one).await.contains(&"secret".to_owned()));
    for wrong in [" ", "a\0", &"a".repeat(201)] {
        assert!(it.catalog.add_recent_search(&one, wrong).await.is_err(), "{wrong:?}");
    }
    it.catalog.forget_searches_of(one.person_id).await.expect("forgotten");
    assert!(list(&one).await.is_empty());
}

#[tokio::test]
async fn operators_teach_the_search_and_take_it_back() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let boot = it.item(NewItem::film(library, "Das Boot")).await;
    let admin = it.admin().await;
    let rules = |synonyms: &[&[&str]], stop_words: &[&str]| SearchRules {
        synonyms: synonyms
            .iter()
            .map(|it| it.iter().map(|it| (*it).to_owned()).collect())
            .collect(),
        stop_words: stop_words.iter().map(|it| (*it).to_owned()).collect(),
    };
    let find = async |text: &str| {
        let found = it.catalog.find_items(&admin, typed(text)).await.expect("an answer");
        found.hits.into_iter().map(|it| it.item.id).collect::<Vec<_>>()
    };
    let teach = async |rules: &SearchRules| {
        it.catalog.update_search_settings(&admin, rules).await.expect("taught")
    };
    it.catalog.rebuild_search().await.expect("made");
    assert!(find("submarine").await.is_empty() && find("movie das boot").await.is_empty());

    let taught = teach(&rules(&[&["Das Boot", "submarine"]], &["movie"])).await;
    assert!(taught.is_pending, "the index does not know yet");
    assert_eq!(find("movie das boot").await, [boot], "stop words hold at once");
    assert!(it.catalog.is_asked_for_anew().await.expect("asked"));
    it.catalog.rebuild_search().await.expect("made");
    assert_eq!(find("submarine").await, [boot]);
    assert!(!it.catalog.search_settings(&admin).await.expect("settings").is_pending);

    teach(&rules(&[], &[])).await;
    it.catalog.rebuild_search().await.expect("made");
    assert!(find("submarine").await.is_empty() && find("movie das boot").await.is_empty());
    assert_eq!(find("das boot").await, [boot]);

    it.pass(1);
    let asked = it.catalog.ask_for_rebuild(&admin).await.expect("asked");
    assert!(asked.is_pending && it.catalog.is_asked_for_anew().await.expect("asked"));
    it.catalog.rebuild_search().await.expect("made");
    assert!(!it.catalog.search_settings(&admin).await.expect("settings").is_pending);

    let long = "a".repeat(61);
    for wrong in [
        rules(&[&["alone"]], &[]),
        rules(&[&["a", ""]], &[]),
        rules(&[&["a", &long]], &[]),
        rules(&[&["a"; 11]], &[]),
        rules(&vec![&["a", "b"][..]; 201], &[]),
        rules(&[], &["two words"]),
        rules(&[], &[""]),
        rules(&[], &["a"; 201]),
    ] {
        let refused = it.catalog.update_search_settings(&admin, &wrong).await;
        assert!(matches!(refused, Err(kernel::Error::Invalid { .. })), "{wrong:?}");
    }
    let guest = viewer(1, [library]);
    assert!(it.catalog.search_settings(&guest).await.is_err());
    assert!(it.catalog.ask_for_rebuild(&guest).await.is_err());
    assert!(it.catalog.update_search_settings(&guest, &rules(&[], &[])).await.is_err());
}
