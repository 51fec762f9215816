use std::path::Path;

use serde_json::json;

use super::*;

fn check(call: &serde_json::Value, expect: &[&str]) {
    let read: Call = serde_json::from_value(call.clone()).expect("a call");
    assert_eq!(read.paths().into_iter().collect::<Vec<_>>(), expect, "{call}");
}

#[test]
fn every_event_names_its_paths() {
    let heat =
        json!({ "id": 1, "title": "Heat", "folderPath": "/movies/Heat (1995)", "tmdbId": 949 });
    check(&json!({ "eventType": "Test", "movie": { "folderPath": "C:\\testpath" } }), &[]);
    check(&json!({ "eventType": "Health", "level": "warning", "message": "x" }), &[]);
    check(
        &json!({ "eventType": "Download", "movie": heat, "isUpgrade": true,
            "movieFile": { "relativePath": "Heat.mkv", "path": "/movies/Heat (1995)/Heat.mkv" },
            "deletedFiles": [{ "path": "/movies/Heat (1995)/old.mkv" }] }),
        &["/movies/Heat (1995)", "/movies/Heat (1995)/Heat.mkv"],
    );
    check(
        &json!({ "eventType": "Rename", "movie": heat, "renamedMovieFiles": [
            { "previousPath": "/movies/Heat/a.mkv", "path": "/movies/Heat (1995)/b.mkv" }] }),
        &["/movies/Heat (1995)", "/movies/Heat (1995)/b.mkv", "/movies/Heat/a.mkv"],
    );
    check(
        &json!({ "eventType": "MovieDelete", "movie": heat, "deletedFiles": true }),
        &["/movies/Heat (1995)"],
    );
    check(
        &json!({ "eventType": "EpisodeFileDelete", "series": { "path": "/tv/Dark" },
            "episodeFile": { "path": "/tv/Dark/Season 1/Dark S01E01.mkv" }, "deleteReason": "manual" }),
        &["/tv/Dark", "/tv/Dark/Season 1/Dark S01E01.mkv"],
    );
    check(
        &json!({ "eventType": "Download", "series": { "path": "/tv/Dark" }, "destinationPath": "/tv/Dark/Season 1",
            "episodeFiles": [{ "path": "/tv/Dark/Season 1/a.mkv" }, { "path": "/tv/Dark/Season 1/b.mkv" }] }),
        &["/tv/Dark", "/tv/Dark/Season 1", "/tv/Dark/Season 1/a.mkv", "/tv/Dark/Season 1/b.mkv"],
    );
    check(&json!({ "eventType": "SeriesDelete", "series": { "path": "/tv/Dark" } }), &["/tv/Dark"]);
    check(&json!({ "path": "/anything" }), &["/anything"]);
}

#[test]
fn the_longest_mapping_counts_and_a_path_without_one_stays() {
    let mapping = |from: &str, to: &str| PathMapping { from: from.to_owned(), to: to.to_owned() };
    let mappings = [
        mapping("/movies", "/media/films"),
        mapping("/movies/kids/", "/media/kids"),
        mapping("D:\\TV", "/media/tv"),
    ];
    for (path, expect) in [
        ("/movies/Heat", "/media/films/Heat"),
        ("/movies/kids/Up", "/media/kids/Up"),
        ("/movies", "/media/films"),
        ("/moviesandmore/Heat", "/moviesandmore/Heat"),
        ("d:\\tv\\Dark\\Season 1", "/media/tv/Dark/Season 1"),
        ("D:\\TV/Dark", "/media/tv/Dark"),
        ("/other", "/other"),
        ("/movies/a\\b", "/media/films/a\\b"),
    ] {
        assert_eq!(mapped(path, &mappings), Path::new(expect), "{path}");
    }
    assert_eq!(mapped("/movies/../etc", &mappings), Path::new("/media/films/../etc"));
}
