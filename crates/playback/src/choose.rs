//! Which file of an item a client plays, and how.

use catalog::playable::PlayableFile;
use kernel::id::FileId;
use media::decide::{ClientProfile, Decision, Method, Reason, Source, Wish, decide};
use media::{Container, Stream};

/// A file that could be played, and what was decided on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate<'a> {
    /// The file.
    pub file: &'a PlayableFile,
    /// How this client plays it.
    pub decision: Decision,
}

/// The files that may be played, the best way first and of equal ways the first file. A client without a profile is
/// believed to play anything.
pub fn candidates<'a>(
    files: &'a [PlayableFile],
    streams: &[(FileId, Stream)],
    file: Option<FileId>,
    profile: Option<&ClientProfile>,
    wish: &Wish,
) -> Vec<Candidate<'a>> {
    let is_meant = |it: &&PlayableFile| match file {
        Some(file) => it.id == file,
        None => it.role == "main",
    };
    let present = |it: &&PlayableFile| !it.is_missing && it.problem.is_none();
    let mut candidates: Vec<Candidate<'a>> = files
        .iter()
        .filter(is_meant)
        .filter(present)
        .map(|file| {
            let own: Vec<Stream> =
                streams.iter().filter(|it| it.0 == file.id).map(|it| it.1.clone()).collect();
            Candidate { file, decision: decision(file, &own, profile, wish) }
        })
        .collect();
    candidates.sort_by_key(|it| it.decision.method);
    candidates
}

fn decision(
    file: &PlayableFile,
    streams: &[Stream],
    profile: Option<&ClientProfile>,
    wish: &Wish,
) -> Decision {
    let other = Container::Other(String::new());
    let container = file.container.as_ref().unwrap_or(&other);
    let source = Source { container, streams, bitrate_bps: file.bitrate_bps };
    match profile {
        Some(profile) if file.container.is_some() => decide(source, profile, wish),
        // Nobody knows what is in it, so nobody can say how to play it.
        Some(_) => Decision {
            method: Method::TranscodeVideo,
            video: None,
            audio: None,
            playable_audio: Vec::new(),
            reasons: vec![Reason::Unknown],
        },
        None => Decision {
            method: Method::Direct,
            reasons: Vec::new(),
            ..decide(source, &ClientProfile::default(), wish)
        },
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn file(number: u128, role: &str, container: Container) -> PlayableFile {
        PlayableFile {
            id: FileId(Uuid::from_u128(number)),
            path: "/x".into(),
            role: role.to_owned(),
            mime: None,
            container: Some(container),
            duration_ms: None,
            bitrate_bps: None,
            problem: None,
            is_missing: false,
            title: None,
            language: None,
            is_forced: false,
            is_hearing_impaired: false,
            is_default: false,
        }
    }

    fn chosen(
        files: &[PlayableFile],
        wish: Option<FileId>,
        profile: Option<&ClientProfile>,
    ) -> Vec<(u128, Method)> {
        let candidates = candidates(files, &[], wish, profile, &Wish::default());
        candidates.iter().map(|it| (it.file.id.0.as_u128(), it.decision.method)).collect()
    }

    #[test]
    fn the_cheapest_way_is_chosen_and_then_the_first_version() {
        let files = [
            file(1, "trailer", Container::Mp4),
            file(2, "main", Container::Matroska),
            file(3, "main", Container::Mp4),
            file(4, "main", Container::Mp4),
        ];
        let profile =
            ClientProfile { containers: vec![Container::Mp4], ..ClientProfile::default() };
        let ways = chosen(&files, None, Some(&profile));
        assert_eq!(ways[..2], [(3, Method::Direct), (4, Method::Direct)]);
        assert_eq!(ways.len(), 3);
        assert_eq!(
            chosen(&files, None, None)[0],
            (2, Method::Direct),
            "a client that says nothing plays anything"
        );
        assert_eq!(
            chosen(&files, Some(files[0].id), Some(&profile)),
            [(1, Method::Direct)],
            "as wished"
        );
    }

    #[test]
    fn files_that_are_gone_or_broken_are_not_chosen() {
        let gone = PlayableFile { is_missing: true, ..file(1, "main", Container::Mp4) };
        let broken = PlayableFile {
            problem: Some("the file is empty".to_owned()),
            ..file(2, "main", Container::Mp4)
        };
        assert_eq!(chosen(&[gone, broken], None, None), []);
    }

    #[test]
    fn what_nobody_looked_into_is_not_promised() {
        let unknown = PlayableFile { container: None, ..file(1, "main", Container::Mp4) };
        let files = [unknown];
        let found =
            candidates(&files, &[], None, Some(&ClientProfile::default()), &Wish::default());
        assert_eq!(found[0].decision.reasons, [Reason::Unknown]);
    }
}
