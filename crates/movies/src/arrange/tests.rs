use naming::Hint;

use super::*;

/// Arranges `paths` and writes each film as one line, and each of its files as another.
fn outline(paths: &[&str]) -> Vec<String> {
    let parsed = naming::parse_listing(paths, Hint::Movies);
    let listed: Vec<Listed<'_>> = paths
        .iter()
        .zip(&parsed)
        .map(|(path, parsed)| Listed { path, parsed, class: MediaClass::of(path), size_bytes: 1 })
        .collect();
    let arrangement = arrange(&listed);
    assert!(arrangement.refused.is_empty());
    let mut lines = Vec::new();
    for film in &arrangement.items {
        lines.push(format!("{} = {}", film.identity, film.title));
        for file in &film.files {
            let path = paths[file.position];
            let notes = [
                file.version.clone(),
                file.part.map(|it| format!("part {it}")),
                file.extra_type.clone(),
                file.language.clone(),
                file.is_forced.then(|| "forced".to_owned()),
            ];
            let notes: Vec<String> = notes.into_iter().flatten().collect();
            lines.push(
                format!("  {} {path} {}", file.role.as_str(), notes.join(", "))
                    .trim_end()
                    .to_owned(),
            );
        }
        lines.extend(film.nfo.iter().map(|it| format!("  nfo {}", paths[*it])));
        lines.extend(
            film.artwork.iter().map(|(role, it)| format!("  {} {}", role.as_str(), paths[*it])),
        );
    }
    lines
}

fn check(paths: &[&str], expect: &[&str]) {
    assert_eq!(outline(paths), expect);
}

#[test]
fn a_folder_of_one_film_is_one_item() {
    check(
        &[
            "Heat (1995)/Heat (1995).mkv",
            "Heat (1995)/Heat (1995).de.forced.srt",
            "Heat (1995)/movie.nfo",
            "Heat (1995)/poster.jpg",
            "Heat (1995)/fanart.jpg",
            "Heat (1995)/Heat (1995)-trailer.mp4",
            "Heat (1995)/Featurettes/Making of.mkv",
        ],
        &[
            "heat|1995 = Heat",
            "  main Heat (1995)/Heat (1995).mkv",
            "  subtitle Heat (1995)/Heat (1995).de.forced.srt de, forced",
            "  trailer Heat (1995)/Heat (1995)-trailer.mp4 trailer",
            "  extra Heat (1995)/Featurettes/Making of.mkv featurette",
            "  nfo Heat (1995)/movie.nfo",
            "  poster Heat (1995)/poster.jpg",
            "  backdrop Heat (1995)/fanart.jpg",
        ],
    );
}

#[test]
fn versions_and_parts_join_their_film() {
    check(
        &["Dune (2021)/Dune (2021) - 2160p.mkv", "Dune (2021)/Dune (2021) - 1080p.mkv"],
        &[
            "dune|2021 = Dune",
            "  main Dune (2021)/Dune (2021) - 2160p.mkv 2160p",
            "  main Dune (2021)/Dune (2021) - 1080p.mkv 1080p",
        ],
    );
    check(
        &["Long (2001)/Long (2001) cd1.avi", "Long (2001)/Long (2001) cd2.avi"],
        &[
            "long|2001 = Long",
            "  main Long (2001)/Long (2001) cd1.avi part 1",
            "  main Long (2001)/Long (2001) cd2.avi part 2",
        ],
    );
}

#[test]
fn an_id_in_the_name_is_the_identity_of_all_its_files() {
    check(
        &[
            "Alien (1979) {imdb-tt0078748}/Alien (1979) {imdb-tt0078748}.mkv",
            "Alien (1979) {imdb-tt0078748}/Alien (1979).en.srt",
        ],
        &[
            "imdb:tt0078748 = Alien",
            "  main Alien (1979) {imdb-tt0078748}/Alien (1979) {imdb-tt0078748}.mkv",
            "  subtitle Alien (1979) {imdb-tt0078748}/Alien (1979).en.srt en",
        ],
    );
}

#[test]
fn films_that_share_a_folder_keep_apart() {
    check(
        &["Alien (1979).mkv", "Aliens (1986).mkv", "Alien (1979)-poster.jpg", "poster.jpg"],
        &[
            "alien|1979 = Alien",
            "  main Alien (1979).mkv",
            "  poster Alien (1979)-poster.jpg",
            "aliens|1986 = Aliens",
            "  main Aliens (1986).mkv",
        ],
    );
}

#[test]
fn remakes_of_one_title_are_two_films() {
    let lines = outline(&["The Thing (1982)/The Thing.mkv", "The Thing (2011)/The Thing.mkv"]);
    let films: Vec<&String> = lines.iter().filter(|it| !it.starts_with(' ')).collect();
    assert_eq!(films, ["thing|1982 = The Thing", "thing|2011 = The Thing"]);
}

#[test]
fn no_video_is_left_out() {
    for name in ["x.mkv", "Show S01E02.mkv", "???.mkv", "2012.mkv", "a\nb\\xE9.mp4"] {
        let lines = outline(&[name]);
        assert!(lines.iter().any(|it| it.starts_with("  main ")), "{name}: {lines:?}");
    }
}

#[test]
fn a_dvd_is_one_film_in_parts_without_its_menus() {
    check(
        &[
            "Heat (1995)/VIDEO_TS/VIDEO_TS.IFO",
            "Heat (1995)/VIDEO_TS/VIDEO_TS.VOB",
            "Heat (1995)/VIDEO_TS/VTS_01_0.VOB",
            "Heat (1995)/VIDEO_TS/VTS_01_1.VOB",
            "Heat (1995)/VIDEO_TS/VTS_01_2.VOB",
        ],
        &[
            "heat|1995 = Heat",
            "  main Heat (1995)/VIDEO_TS/VTS_01_1.VOB part 1",
            "  main Heat (1995)/VIDEO_TS/VTS_01_2.VOB part 2",
        ],
    );
    check(
        &["Heat (1995)/VIDEO_TS/VTS_01_1.VOB"],
        &["heat|1995 = Heat", "  main Heat (1995)/VIDEO_TS/VTS_01_1.VOB"],
    );
}

#[test]
fn discs_count_on_and_title_sets_are_versions() {
    check(
        &[
            "Heat (1995)/Disc 1/VIDEO_TS/VTS_01_1.VOB",
            "Heat (1995)/Disc 1/VIDEO_TS/VTS_01_2.VOB",
            "Heat (1995)/Disc 2/VIDEO_TS/VTS_01_1.VOB",
            "Heat (1995)/Disc 2/VIDEO_TS/VTS_02_1.VOB",
        ],
        &[
            "heat|1995 = Heat",
            "  main Heat (1995)/Disc 1/VIDEO_TS/VTS_01_1.VOB VTS_01, part 1",
            "  main Heat (1995)/Disc 1/VIDEO_TS/VTS_01_2.VOB VTS_01, part 2",
            "  main Heat (1995)/Disc 2/VIDEO_TS/VTS_01_1.VOB VTS_01, part 3",
            "  main Heat (1995)/Disc 2/VIDEO_TS/VTS_02_1.VOB VTS_02, part 2",
        ],
    );
}

#[test]
fn of_a_blu_ray_the_largest_stream_is_the_film() {
    let paths = ["00000", "00001", "00002"].map(|it| format!("Heat (1995)/BDMV/STREAM/{it}.m2ts"));
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let parsed = naming::parse_listing(&paths, Hint::Movies);
    let listed: Vec<Listed<'_>> = paths
        .iter()
        .zip(&parsed)
        .zip([10, 30, 20])
        .map(|((path, parsed), size_bytes)| Listed {
            path,
            parsed,
            class: MediaClass::of(path),
            size_bytes,
        })
        .collect();
    let films = arrange(&listed).items;
    let mains: Vec<_> = films.iter().flat_map(|it| &it.files).map(|it| it.position).collect();
    assert_eq!((films.len(), mains), (1, vec![1]));
}
