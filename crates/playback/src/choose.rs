//! Which file of an item a client can play as it is, and why not.

use catalog::playable::PlayableFile;
use kernel::id::FileId;

/// What was chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Choice<'a> {
    /// This file, its own bytes.
    Direct(&'a PlayableFile),
    /// The best there is, and the client cannot play it as it is.
    Unsupported(&'a PlayableFile),
    /// No file is there to be played.
    Nothing,
}

/// Chooses among the main files, the wished one first. `supported` holds the MIME types the client said it plays; without
/// it the client is believed to play anything.
pub fn choose<'a>(
    files: &'a [PlayableFile],
    wish: Option<FileId>,
    supported: Option<&[String]>,
) -> Choice<'a> {
    let present = |it: &&PlayableFile| !it.is_missing && it.problem.is_none();
    let candidates: Vec<&PlayableFile> = match wish {
        Some(wish) => files.iter().filter(|it| it.id == wish).filter(present).collect(),
        None => files.iter().filter(|it| it.role == "main").filter(present).collect(),
    };
    let plays = |file: &&&PlayableFile| match (supported, &file.mime) {
        (None, _) => true,
        (Some(supported), Some(mime)) => supported.contains(mime),
        (Some(_), None) => false,
    };
    match (candidates.iter().find(plays), candidates.first()) {
        (Some(file), _) => Choice::Direct(file),
        (None, Some(file)) => Choice::Unsupported(file),
        (None, None) => Choice::Nothing,
    }
}

/// Why `file` cannot be played as it is, for a person.
pub fn reasons(file: &PlayableFile) -> Vec<String> {
    let Some(mime) = &file.mime else {
        return vec!["nobody knows yet what is in this file".to_owned()];
    };
    let (container, codecs) = mime.split_once(';').unwrap_or((mime, ""));
    let codecs = codecs.trim().trim_start_matches("codecs=").trim_matches('"');
    let mut reasons =
        vec![format!("this player does not play {} files", container_name(container))];
    if !codecs.is_empty() {
        reasons[0] =
            format!("this player does not play {codecs} in {} files", container_name(container));
    }
    reasons.push("converting while playing is not part of this version".to_owned());
    reasons
}

fn container_name(mime: &str) -> &str {
    match mime.trim() {
        "video/x-matroska" | "video/matroska" => "Matroska",
        "video/mp4" => "MP4",
        "video/webm" => "WebM",
        "video/x-msvideo" => "AVI",
        "video/mp2t" => "MPEG-TS",
        "video/quicktime" => "QuickTime",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn file(number: u128, role: &str, mime: &str) -> PlayableFile {
        PlayableFile {
            id: FileId(Uuid::from_u128(number)),
            path: "/x".into(),
            role: role.to_owned(),
            mime: Some(mime.to_owned()),
            duration_ms: None,
            problem: None,
            is_missing: false,
            title: None,
            language: None,
            is_forced: false,
            is_hearing_impaired: false,
            is_default: false,
        }
    }

    const MKV: &str = "video/x-matroska; codecs=\"hvc1.2.4.L120.B0, ac-3\"";
    const MP4: &str = "video/mp4; codecs=\"avc1.640028, mp4a.40.2\"";

    #[test]
    fn the_first_version_that_the_client_plays_is_chosen() {
        let files = [file(1, "trailer", MP4), file(2, "main", MKV), file(3, "main", MP4)];
        let supported = [MP4.to_owned()];
        assert_eq!(choose(&files, None, Some(&supported)), Choice::Direct(&files[2]));
        assert_eq!(
            choose(&files, None, None),
            Choice::Direct(&files[1]),
            "a client that says nothing plays anything"
        );
        assert_eq!(
            choose(&files, Some(files[0].id), Some(&supported)),
            Choice::Direct(&files[0]),
            "as wished"
        );
        assert_eq!(
            choose(&files, Some(files[1].id), Some(&supported)),
            Choice::Unsupported(&files[1])
        );
    }

    #[test]
    fn files_that_are_gone_or_broken_are_not_chosen() {
        let gone = PlayableFile { is_missing: true, ..file(1, "main", MP4) };
        let broken =
            PlayableFile { problem: Some("the file is empty".to_owned()), ..file(2, "main", MP4) };
        assert_eq!(choose(&[gone, broken], None, None), Choice::Nothing);
    }

    #[test]
    fn the_reason_names_what_the_player_lacks() {
        assert_eq!(
            reasons(&file(1, "main", MKV))[0],
            "this player does not play hvc1.2.4.L120.B0, ac-3 in Matroska files"
        );
    }
}
