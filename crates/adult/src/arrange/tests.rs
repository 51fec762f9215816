use catalog::kind::{FileRole, Listed};
use naming::{Hint, MediaClass};

use super::arrange;

/// What comes of these files: a line a scene.
fn check(paths: &[&str], expected: &[&str]) {
    let parsed = naming::parse_listing(paths, Hint::Movies);
    let listed: Vec<_> = paths
        .iter()
        .zip(&parsed)
        .map(|(path, parsed)| Listed { path, parsed, class: MediaClass::of(path), size_bytes: 1 })
        .collect();
    let told = arrange(&listed).items.into_iter().map(|it| {
        let mains = it.files.iter().filter(|it| it.role == FileRole::Main).count();
        let rest = it.positions().len() - mains;
        format!(
            "{}|{}|{}|{}|{mains}+{rest}",
            it.studios.join(","),
            it.released_on.map(|it| it.to_string()).unwrap_or_default(),
            it.title,
            it.cast.join(",")
        )
    });
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

#[test]
fn a_folder_at_the_top_is_a_studio_where_the_name_says_none() {
    check(
        &[
            "Night Works/2021-05-04 - The Long Way Home - Jane Doe, John Roe.mkv",
            "Night Works/2021-05-04 - The Long Way Home - Jane Doe, John Roe.nfo",
            "Night Works/2021-05-04 - The Long Way Home - Jane Doe, John Roe.jpg",
            "Night Works/2021-05-04 - The Long Way Home - Jane Doe, John Roe.en.srt",
            "Day Works - 2020-01-02 - Noon.mp4",
            "Night Works/2022-01-01 - Alone/video.mp4",
            "clip.mp4",
        ],
        &[
            "Night Works|2021-05-04|The Long Way Home|Jane Doe,John Roe|1+3",
            "Day Works|2020-01-02|Noon||1+0",
            "Night Works|2022-01-01|Alone||1+0",
            "||clip||1+0",
        ],
    );
}

#[test]
fn what_is_called_alike_is_one_scene_in_several_versions() {
    check(
        &[
            "Night Works/2021-05-04 - Home [1080p].mkv",
            "Night Works/2021-05-04 - Home [720p].mkv",
            "Other/2021-05-04 - Home.mkv",
        ],
        &["Night Works|2021-05-04|Home||2+0", "Other|2021-05-04|Home||1+0"],
    );
}

#[test]
fn nothing_is_lost_and_nothing_breaks() {
    check(&["-.mp4", "ü - ß.mp4", " .mkv"], &["||-||1+0", "||ü - ß||1+0", "|| ||1+0"]);
}
