//! Which of the files beside an item's videos go with the one that is played. Pure.

use std::path::Path;

use catalog::playable::PlayableFile;

/// Whether a subtitle file goes with `video`: one that is called after a version or a part goes with that one only, and with
/// a trailer what is called after it.
pub fn goes_with(subtitle: &PlayableFile, video: &PlayableFile, files: &[PlayableFile]) -> bool {
    if video.role != "main" {
        return is_called_after(&subtitle.path, &video.path);
    }
    let videos = || files.iter().filter(|it| it.role == "main");
    let named = videos()
        .filter(|it| is_called_after(&subtitle.path, &it.path))
        .max_by_key(|it| stem(&it.path).len());
    if let Some(named) = named {
        // "Film.en.srt" beside "Film.mkv" is for "Film - 2160p.mkv", too.
        return named.id == video.id || is_called_after(&video.path, &named.path);
    }
    let words = words(&stem(&subtitle.path));
    let names_version = |it: &&PlayableFile| {
        it.title.as_deref().is_some_and(|version| contains(&words, &self::words(version)))
    };
    let mut named = videos().filter(names_version).peekable();
    named.peek().is_none() || named.any(|it| it.id == video.id)
}

/// Whether `path` has the name of `video` with more behind it and lies beside it, or below a folder of that name there.
fn is_called_after(path: &Path, video: &Path) -> bool {
    let (Some(beside), Some(folder)) = (video.parent(), path.parent()) else { return false };
    let video = stem(video);
    if folder == beside {
        return begins_with(&stem(path), &video);
    }
    // "Subs/Film.2160p-GRP/2_English.srt"
    folder.starts_with(beside)
        && folder.file_name().is_some_and(|it| it.to_string_lossy().to_lowercase() == video)
}

fn begins_with(name: &str, start: &str) -> bool {
    name.strip_prefix(start).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase()
}

fn words(name: &str) -> Vec<String> {
    let words = name.split(|it: char| !it.is_alphanumeric() && it != '\'' && it != '’');
    words.filter(|it| !it.is_empty()).map(str::to_lowercase).collect()
}

fn contains(words: &[String], wanted: &[String]) -> bool {
    !wanted.is_empty() && words.windows(wanted.len()).any(|it| it == wanted)
}

#[cfg(test)]
mod tests {
    use kernel::id::FileId;
    use uuid::Uuid;

    use super::*;

    fn file(id: usize, path: &str, role: &str, title: Option<&str>) -> PlayableFile {
        PlayableFile {
            id: FileId(Uuid::from_u128(id as u128)),
            path: Path::new("/films").join(path),
            role: role.to_owned(),
            mime: None,
            container: None,
            duration_ms: None,
            bitrate_bps: None,
            problem: None,
            is_missing: false,
            title: title.map(str::to_owned),
            language: None,
            is_forced: false,
            is_hearing_impaired: false,
            is_default: false,
            part: None,
            limits: kernel::Limits::default(),
        }
    }

    /// The subtitles that go with each video, by their places.
    fn check(videos: &[(&str, Option<&str>)], subtitles: &[&str], expect: &[&[usize]]) {
        let mut files: Vec<_> = videos.iter().map(|it| (it.0, "main", it.1)).collect();
        files.extend(subtitles.iter().map(|it| (*it, "subtitle", None)));
        let files: Vec<_> =
            files.iter().enumerate().map(|(id, it)| file(id, it.0, it.1, it.2)).collect();
        let (videos, subtitles) = files.split_at(videos.len());
        let found: Vec<Vec<usize>> = videos
            .iter()
            .map(|video| {
                let all = subtitles.iter().enumerate();
                all.filter(|it| goes_with(it.1, video, &files)).map(|it| it.0).collect()
            })
            .collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn what_is_called_after_a_version_goes_with_that_version() {
        let versions = [("A/A - 1080p.mkv", Some("1080p")), ("A/A - 2160p.mkv", Some("2160p"))];
        check(
            &versions,
            &["A/A - 1080p.en.srt", "A/A - 2160p.en.srt", "A/A - 2160p.de.forced.srt"],
            &[&[0], &[1, 2]],
        );
        check(&versions, &["A/A.en.srt", "A/Subs/English.srt"], &[&[0, 1], &[0, 1]]);
        check(&versions, &["A/Subs/A - 2160p/2_English.srt"], &[&[], &[0]]);
        check(&versions, &["A/a.2160p.en.srt"], &[&[], &[0]]);
        check(&versions, &["A/A - 1080pro.srt"], &[&[0], &[0]]);
    }

    #[test]
    fn what_is_called_after_the_film_goes_with_every_version() {
        let versions = [("A/A (2001).mkv", None), ("A/A (2001) - Director's Cut.mkv", None)];
        check(
            &versions,
            &["A/A (2001).en.srt", "A/A (2001) - Director's Cut.en.srt"],
            &[&[0], &[0, 1]],
        );
        check(&[("A/A.mkv", None)], &["A/A.en.srt", "A/whatever.srt"], &[&[0, 1]]);
    }

    #[test]
    fn the_subtitle_of_a_part_goes_with_the_part() {
        let parts = [("A/A - cd1.avi", None), ("A/A - cd2.avi", None)];
        check(&parts, &["A/A - cd1.srt", "A/A - cd2.srt"], &[&[0], &[1]]);
    }

    #[test]
    fn a_trailer_has_subtitles_of_its_own() {
        let files = [file(0, "A/A.mkv", "main", None), file(1, "A/A-trailer.mkv", "trailer", None)];
        let subtitle = |path| file(2, path, "subtitle", None);
        assert!(!goes_with(&subtitle("A/A.en.srt"), &files[1], &files));
        assert!(goes_with(&subtitle("A/A-trailer.en.srt"), &files[1], &files));
    }

    #[test]
    fn folders_of_versions_keep_theirs() {
        let versions = [("A.1080p/a.mkv", Some("1080p")), ("A.2160p/a.mkv", Some("2160p"))];
        check(&versions, &["A.1080p/a.en.srt", "A.2160p/a.en.srt"], &[&[0], &[1]]);
    }
}
