use super::*;
use crate::{Credit, Role, Status};

fn one(text: &str) -> Document {
    let mut documents = read(text.as_bytes()).expect("a document");
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

#[test]
fn a_film_as_kodi_writes_it() {
    let document = one(r#"<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>
<movie>
    <title>Inception</title>
    <originaltitle>Inception</originaltitle>
    <ratings>
        <rating name="imdb" max="100"><value>10.0</value></rating>
        <rating name="themoviedb" max="10" default="true"><value>8.4</value><votes>34000</votes></rating>
    </ratings>
    <plot>Cobb steals secrets &amp; dreams &#8211; until</plot>
    <tagline>Your mind is the scene of the crime</tagline>
    <runtime>148</runtime>
    <mpaa>Rated PG-13</mpaa>
    <uniqueid type="tmdb" default="true">27205</uniqueid>
    <uniqueid type="imdb">tt1375666</uniqueid>
    <genre>Action</genre><genre>Science Fiction / Adventure</genre>
    <set><name>Dreams</name><overview>none</overview></set>
    <credits>Christopher Nolan</credits>
    <director>Christopher Nolan</director>
    <premiered>2010-07-15</premiered>
    <studio>Legendary Pictures</studio>
    <tag>dream</tag>
    <actor><name>Leonardo DiCaprio</name><role>Cobb</role><order>0</order></actor>
    <fileinfo><streamdetails><video><codec>h264</codec></video></streamdetails></fileinfo>
</movie>
https://www.themoviedb.org/movie/27205"#);
    assert_eq!(document.subject, Subject::Movie);
    let facts = document.facts;
    assert_eq!(facts.title.as_deref(), Some("Inception"));
    assert_eq!(facts.overview.as_deref(), Some("Cobb steals secrets & dreams \u{2013} until"));
    assert_eq!(facts.rating, Some(8.4));
    assert_eq!(facts.runtime_ms, Some(148 * 60_000));
    assert_eq!(facts.content_rating.as_deref(), Some("Rated PG-13"));
    assert_eq!(facts.genres, ["Action", "Science Fiction", "Adventure"]);
    assert_eq!(facts.collection.map(|it| it.name).as_deref(), Some("Dreams"));
    assert_eq!(facts.released_on, chrono::NaiveDate::from_ymd_opt(2010, 7, 15));
    assert_eq!(facts.ids["imdb"], "tt1375666");
    assert_eq!(facts.ids["tmdb"], "27205");
    assert_eq!(
        facts.credits.last(),
        Some(&Credit {
            character: Some("Cobb".to_owned()),
            ..Credit::new("Leonardo DiCaprio", Role::Actor)
        })
    );
    assert_eq!(facts.credits.len(), 3);
}

#[test]
fn a_series_as_jellyfin_writes_it() {
    let facts = one("<tvshow><title>Dark</title><year>2017</year><status>Ended</status><id>334824</id>\
                     <imdb_id>tt5753856</imdb_id><enddate>2020-06-27</enddate><season>-1</season></tvshow>")
    .facts;
    assert_eq!(facts.status, Some(Status::Ended));
    assert_eq!((facts.ids["tvdb"].as_str(), facts.ids["imdb"].as_str()), ("334824", "tt5753856"));
    assert_eq!(facts.year, Some(2017));
}

#[test]
fn a_double_episode_has_two_documents() {
    let documents = read(
        b"<episodedetails><title>A</title><season>1</season><episode>1</episode></episodedetails>\
          <episodedetails><title>B</title><season>1</season><episode>2</episode>\
          <displayseason>2</displayseason><displayepisode>-1</displayepisode></episodedetails>",
    )
    .expect("two documents");
    let numbers: Vec<_> = documents.iter().map(|it| it.facts.episode).collect();
    assert_eq!(numbers, [Some(1), Some(2)]);
    assert_eq!(documents[1].facts.airs_before, Some((2, None)));
}

#[test]
fn an_address_alone_names_the_film() {
    let document = one("Watch it!\nhttps://www.imdb.com/title/tt0133093/?ref_=fn\n");
    assert_eq!(document.subject, Subject::Unknown);
    assert_eq!(document.facts.ids["imdb"], "tt0133093");
}

#[test]
fn charsets_are_told_by_mark_declaration_or_guess() {
    let utf16: Vec<u8> = std::iter::once(0xFEFF)
        .chain("<movie><title>Amélie</title></movie>".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let latin =
        b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><movie><title>Am\xe9lie</title></movie>";
    let undeclared = b"<movie><title>Am\xe9lie</title></movie>";
    for bytes in [utf16.as_slice(), latin, undeclared] {
        let documents = read(bytes).expect("readable");
        assert_eq!(documents[0].facts.title.as_deref(), Some("Amélie"));
    }
}

#[test]
fn entities_of_a_document_type_are_never_expanded() {
    let facts = one(r#"<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;"><!ENTITY x SYSTEM "file:///etc/passwd">]>
<movie><title>a&lol2;b&x;</title></movie>"#)
    .facts;
    assert_eq!(facts.title.as_deref(), Some("ab"));
}

#[test]
fn bad_files_say_why() {
    let broken = |text: &str| read(text.as_bytes()).expect_err("refused");
    assert!(matches!(broken("<movie><title>Half"), NfoError::Broken { .. }));
    assert!(matches!(broken("<movie></film>"), NfoError::Broken { .. }));
    assert_eq!(broken("<a>".repeat(17).as_str()), NfoError::TooComplex);
    assert_eq!(broken(&format!("<movie>{}</movie>", "<a/>".repeat(60_000))), NfoError::TooComplex);
    assert_eq!(broken("<album><title>No film</title></album>"), NfoError::Nothing);
    assert_eq!(broken(""), NfoError::Nothing);
    assert_eq!(read(&vec![b' '; MAX_BYTES + 1]), Err(NfoError::TooLarge));
}

#[test]
fn values_out_of_range_are_left_out() {
    let facts = one("<movie><title>x</title><year>20100</year><runtime>-5</runtime><rating>0</rating>\
                     <premiered>soon</premiered><uniqueid type=\"imdb\">../../etc</uniqueid></movie>")
    .facts;
    assert_eq!(facts, Facts { title: Some("x".to_owned()), ..Facts::default() });
}

#[test]
fn ratings_of_every_source_and_country_are_read() {
    let facts = one(
        "<movie><title>x</title><ratings><rating name=\"imdb\" max=\"10\"><value>7,8</value><votes>12,345</votes></rating>\
         <rating name=\"themoviedb\" default=\"true\"><value>7.9</value></rating>\
         <rating name=\"tomatometerallcritics\" max=\"100\"><value>91</value></rating>\
         <rating name=\"default\"><value>5</value></rating></ratings><criticrating>10</criticrating>\
         <mpaa>US:R / DE:FSK 16</mpaa></movie>",
    )
    .facts;
    let ratings: Vec<_> =
        facts.ratings.iter().map(|it| (it.source.as_str(), it.value, it.votes)).collect();
    assert_eq!(
        ratings,
        [("imdb", 7.8, Some(12_345)), ("tmdb", 7.9, None), ("rottentomatoes", 9.1, None)]
    );
    assert_eq!(facts.rating, Some(7.9));
    let ages: Vec<_> =
        facts.content_ratings.iter().map(|it| (it.country.as_str(), it.age)).collect();
    assert_eq!(ages, [("US", Some(17)), ("DE", Some(16))]);
}

#[test]
fn actors_stand_in_their_order_with_pictures_and_ids() {
    let facts = one(
        "<movie><director tmdbid=\"638\">Lars Voss</director><credits>A / B</credits>\
         <actor><name>Second</name><order>1</order><thumb>https://example.org/2.jpg</thumb></actor>\
         <actor><name>First</name><role>Hero</role><order>0</order><tmdbid>5</tmdbid><thumb>smb://nas/1.jpg</thumb></actor>\
         <actor><role>Nobody</role></actor></movie>",
    )
    .facts;
    let people: Vec<_> = facts
        .credits
        .iter()
        .map(|it| {
            (
                it.name.as_str(),
                it.role,
                it.picture.is_some(),
                it.ids.get("tmdb").map(String::as_str),
            )
        })
        .collect();
    assert_eq!(
        people,
        [
            ("Lars Voss", Role::Director, false, Some("638")),
            ("A", Role::Writer, false, None),
            ("B", Role::Writer, false, None),
            ("First", Role::Actor, false, Some("5")),
            ("Second", Role::Actor, true, None),
        ]
    );
}

#[test]
fn pictures_trailers_and_ids_are_read_in_every_form() {
    use crate::ArtworkRole::{Backdrop, Banner, Logo, Poster, Thumb};
    let document = one(
        "<tvshow><thumb aspect=\"poster\" preview=\"https://example.org/p-small.jpg\">https://example.org/p.jpg</thumb>\
         <thumb aspect=\"clearlogo\">https://example.org/l.png</thumb><thumb aspect=\"unknown\">https://example.org/u.png</thumb>\
         <thumb aspect=\"poster\" type=\"season\" season=\"1\">https://example.org/s1.jpg</thumb>\
         <thumb aspect=\"poster\" type=\"season\" season=\"-1\">https://example.org/all.jpg</thumb>\
         <thumb>file:///etc/passwd</thumb><fanart><thumb>https://example.org/f.jpg</thumb></fanart>\
         <art><banner>https://example.org/b.jpg</banner><poster>/local/poster.jpg</poster></art>\
         <namedseason number=\"1\">Winter</namedseason><namedseason number=\"x\">No</namedseason>\
         <trailer>plugin://plugin.video.youtube/?action=play_video&amp;videoid=ab-c_1</trailer>\
         <episodeguide>{\"tvmaze\": \"4200\", \"tmdb\": 81234, \"odd id\": [1]}</episodeguide></tvshow>\n\
         https://thetvdb.com/dereferrer/series/345678",
    );
    let pictures: Vec<_> = document.artwork.iter().map(|it| it.role).collect();
    assert_eq!(pictures, [Poster, Logo, Backdrop, Banner]);
    assert!(document.artwork[0].preview.is_some());
    assert_eq!(document.season_artwork.len(), 1);
    assert_eq!(document.season_titles, [(1, "Winter".to_owned())]);
    assert_eq!(document.facts.trailers[0].url.as_str(), "https://www.youtube.com/watch?v=ab-c_1");
    let ids: Vec<_> =
        document.facts.ids.iter().map(|(name, id)| (name.as_str(), id.as_str())).collect();
    assert_eq!(ids, [("tmdb", "81234"), ("tvdb", "345678"), ("tvmaze", "4200")]);
    let episode = one("<episodedetails><thumb>https://example.org/e.jpg</thumb></episodedetails>");
    assert_eq!(episode.artwork[0].role, Thumb);
}
