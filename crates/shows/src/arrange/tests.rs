use naming::Hint;

use super::*;

/// Arranges `paths` and writes series, seasons and episodes as an outline with their files.
fn outline(paths: &[&str]) -> Vec<String> {
    let parsed = naming::parse_listing(paths, Hint::Shows);
    let listed: Vec<Listed<'_>> = paths
        .iter()
        .zip(&parsed)
        .map(|(path, parsed)| Listed { path, parsed, class: MediaClass::of(path), size_bytes: 1 })
        .collect();
    let arrangement = arrange(&listed);
    let mut lines = Vec::new();
    for series in &arrangement.items {
        write(series, paths, 0, &mut lines);
    }
    lines.extend(arrangement.refused.iter().map(|(it, _)| format!("refused {}", paths[*it])));
    lines
}

fn write(item: &Candidate, paths: &[&str], depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    let numbers = match (item.number, item.number_end) {
        (Some(number), Some(end)) => format!(" #{number}-{end}"),
        (Some(number), None) => format!(" #{number}"),
        _ => String::new(),
    };
    lines.push(format!("{indent}{} = {}{numbers}", item.identity, item.title));
    let file = |role: &str, position: usize| {
        let name = paths[position].rsplit('/').next().unwrap_or_default();
        format!("{indent}  {role} {name}")
    };
    lines.extend(item.files.iter().map(|it| file(it.role.as_str(), it.position)));
    lines.extend(item.nfo.iter().map(|it| file("nfo", *it)));
    lines.extend(item.artwork.iter().map(|(role, it)| file(role.as_str(), *it)));
    for child in &item.children {
        write(child, paths, depth + 1, lines);
    }
}

fn check(paths: &[&str], expect: &[&str]) {
    assert_eq!(outline(paths), expect);
}

#[test]
fn a_series_has_its_seasons_and_episodes_in_order() {
    check(
        &[
            "Dark (2017)/Season 01/Dark S01E02 Lies.mkv",
            "Dark (2017)/Season 01/Dark S01E01.mkv",
            "Dark (2017)/Season 01/Dark S01E01.en.srt",
            "Dark (2017)/Season 01/Dark S01E01-thumb.jpg",
            "Dark (2017)/Season 01/Dark S01E01.nfo",
            "Dark (2017)/Season 02/Dark S02E01-E02.mkv",
            "Dark (2017)/Specials/Dark S00E01 Behind.mkv",
            "Dark (2017)/tvshow.nfo",
            "Dark (2017)/poster.jpg",
            "Dark (2017)/season01-poster.jpg",
            "Dark (2017)/season-specials-poster.jpg",
        ],
        &[
            "dark|2017 = Dark",
            "  nfo tvshow.nfo",
            "  poster poster.jpg",
            "  dark|2017|s00 = Specials #0",
            "    poster season-specials-poster.jpg",
            "    dark|2017|s00e01 = Behind #1",
            "      main Dark S00E01 Behind.mkv",
            "  dark|2017|s01 = Season 1 #1",
            "    poster season01-poster.jpg",
            "    dark|2017|s01e01 = Episode 1 #1",
            "      main Dark S01E01.mkv",
            "      subtitle Dark S01E01.en.srt",
            "      nfo Dark S01E01.nfo",
            "      thumb Dark S01E01-thumb.jpg",
            "    dark|2017|s01e02 = Lies #2",
            "      main Dark S01E02 Lies.mkv",
            "  dark|2017|s02 = Season 2 #2",
            "    dark|2017|s02e01 = Episodes 1-2 #1-2",
            "      main Dark S02E01-E02.mkv",
        ],
    );
}

#[test]
fn daily_shows_are_counted_by_date_and_anime_through() {
    check(
        &["The Late Show/The Late Show 2024-05-01.mkv"],
        &[
            "lateshow| = The Late Show",
            "  lateshow||s2024 = Season 2024 #2024",
            "    lateshow||2024-05-01 = 2024-05-01",
            "      main The Late Show 2024-05-01.mkv",
        ],
    );
    check(
        &["Naruto/[Group] Naruto - 012 [1080p].mkv"],
        &[
            "naruto| = Naruto",
            "  naruto||s01 = Season 1 #1",
            "    naruto||a012 = Episode 12 #12",
            "      main [Group] Naruto - 012 [1080p].mkv",
        ],
    );
}

#[test]
fn a_video_without_numbers_is_a_special_of_its_series_or_refused() {
    let lines = outline(&["Dark/Season 1/Dark S01E01.mkv", "Dark/The Making.mkv"]);
    assert!(lines.iter().any(|it| it.contains("|s00|") && it.contains("= ")), "{lines:?}");
    assert_eq!(outline(&["random.mkv"]), ["refused random.mkv"]);
}

#[test]
fn a_series_with_an_id_is_known_by_it() {
    let lines = outline(&["Dark {tvdb-334824}/Season 1/Dark S01E01.mkv"]);
    assert_eq!(lines[0], "tvdb:334824 = Dark");
    assert_eq!(lines[2], "    tvdb:334824|s01e01 = Episode 1 #1");
}

#[test]
fn each_version_of_an_episode_has_a_name() {
    let paths = ["Dark/Dark.S01E01.720p.mkv", "Dark/Dark.S01E01.1080p.mkv"];
    let parsed = naming::parse_listing(&paths, Hint::Shows);
    let listed: Vec<Listed<'_>> = paths
        .iter()
        .zip(&parsed)
        .map(|(path, parsed)| Listed { path, parsed, class: MediaClass::of(path), size_bytes: 1 })
        .collect();
    let series = &arrange(&listed).items[0];
    let files = series.children[0].children[0].files.iter();
    let versions: Vec<&str> = files.filter_map(|it| it.version.as_deref()).collect();
    assert_eq!(versions, ["720p", "1080p"]);
}

#[test]
fn two_copies_of_an_episode_are_versions_of_one() {
    let lines = outline(&["Dark/S01/Dark.S01E01.720p.mkv", "Dark/S01/Dark.S01E01.1080p.mkv"]);
    assert_eq!(lines.iter().filter(|it| it.contains("s01e01 =")).count(), 1);
    assert_eq!(lines.iter().filter(|it| it.contains("main ")).count(), 2);
}
