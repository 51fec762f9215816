//! Which file of an item a client plays, and how.

use std::cmp::Reverse;

use catalog::playable::PlayableFile;
use kernel::id::FileId;
use media::decide::{ClientProfile, Decision, Method, Reason, Source, Wish, decide, rank_heard};
use media::{Container, Stream, StreamKind};

use crate::limit::Allowance;

/// A file that could be played, and what was decided on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate<'a> {
    /// The file.
    pub file: &'a PlayableFile,
    /// How this client plays it.
    pub decision: Decision,
}

impl Candidate<'_> {
    /// The next way for a client that says nothing of itself but that it made nothing of the file: what is in it, in segments.
    pub fn give_up_file(&mut self, streams: &[(FileId, Stream)]) {
        let own = streams.iter().filter(|it| it.0 == self.file.id).map(|it| &it.1);
        let sounds = own.filter(|it| it.kind == StreamKind::Audio).map(|it| it.index);
        self.decision.method = Method::Remux;
        self.decision.playable_audio = sounds.collect();
    }
}

/// Which of an item's files a person wants.
#[derive(Clone, Copy, Debug, Default)]
pub struct Version<'a> {
    /// This one and no other.
    pub asked: Option<FileId>,
    /// This one if it can be played.
    pub remembered: Option<FileId>,
    /// Streams of files that the server began to make anew for the client, and could not.
    pub unmade: &'a [(FileId, u32)],
}

impl Version<'_> {
    /// Those of one file.
    pub fn unmade_of(self, file: FileId) -> Vec<u32> {
        self.unmade.iter().filter(|it| it.0 == file).map(|it| it.1).collect()
    }
}

/// Pictures that are made anew have no more than this; a larger source only costs more.
const FULL_HD: u64 = 1920 * 1080;

/// The files that may be played: the remembered one first, then by the language that is heard, as far as the person said
/// something about that, then by the best way, and of equal ways the best picture. A
/// client without a profile is believed to play anything, as far as `allowance` goes. Of files in `unindexed` it is known
/// that they have no index.
pub fn candidates<'a>(
    files: &'a [PlayableFile],
    streams: &[(FileId, Stream)],
    unindexed: &[FileId],
    version: Version<'_>,
    profile: Option<&ClientProfile>,
    wish: &Wish,
    allowance: Option<Allowance>,
) -> Vec<Candidate<'a>> {
    let is_meant = |it: &&PlayableFile| match version.asked {
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
            let lacks_index = unindexed.contains(&file.id);
            let wish = Wish { unmade: version.unmade_of(file.id), ..wish.clone() };
            let mut decision = decision(file, &own, lacks_index, profile, &wish);
            if let Some(allowance) = allowance {
                let sounds = own.iter().filter(|it| it.kind == StreamKind::Audio);
                let sounds = profile.is_none().then(|| sounds.map(|it| it.index).collect());
                allowance.bind(&mut decision, file.bitrate_bps, sounds);
            }
            Candidate { file, decision }
        })
        .collect();
    let pixels = |it: &Candidate<'_>| {
        let is_it = |(file, stream): &&(FileId, Stream)| {
            *file == it.file.id && Some(stream.index) == it.decision.video
        };
        let (width, height) =
            streams.iter().find(is_it).map_or((None, None), |it| (it.1.width, it.1.height));
        u64::from(width.unwrap_or(0)) * u64::from(height.unwrap_or(0))
    };
    // Who asks for a sound by its number means that of the file that comes without asking.
    let unasked = Wish { audio: None, ..wish.clone() };
    let rank = |Candidate { file, .. }: &Candidate<'_>| {
        let own: Vec<Stream> =
            streams.iter().filter(|it| it.0 == file.id).map(|it| it.1.clone()).collect();
        let wish = Wish { unmade: version.unmade_of(file.id), ..unasked.clone() };
        let lacks_index = unindexed.contains(&file.id);
        let heard = decision(file, &own, lacks_index, profile, &wish);
        rank_heard(&own, &wish, heard.audio.zip(heard.audio_why))
    };
    candidates.sort_by_cached_key(|it| {
        let (pixels, rank) = (pixels(it), rank(it));
        // Of what is made anew, the smallest of those that are large enough is the cheapest.
        let is_too_large = it.decision.method == Method::TranscodeVideo && pixels > FULL_HD;
        let size =
            if is_too_large { (1, Reverse(u64::MAX - pixels)) } else { (0, Reverse(pixels)) };
        // However it must be played, the first part comes first.
        let is_behind = it.file.part.is_some_and(|it| it > 1);
        (version.remembered != Some(it.file.id), is_behind, rank, it.decision.method, size)
    });
    candidates
}

fn decision(
    file: &PlayableFile,
    streams: &[Stream],
    lacks_index: bool,
    profile: Option<&ClientProfile>,
    wish: &Wish,
) -> Decision {
    let other = Container::Other(String::new());
    let container = file.container.as_ref().unwrap_or(&other);
    let source = Source { container, streams, bitrate_bps: file.bitrate_bps, lacks_index };
    match profile {
        Some(profile) if file.container.is_some() => decide(source, profile, wish),
        // Nobody knows what is in it, so nobody can say how to play it.
        Some(_) => Decision {
            method: Method::TranscodeVideo,
            video: None,
            audio: None,
            audio_why: None,
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
            part: None,
            limits: kernel::Limits::default(),
        }
    }

    fn chosen(
        files: &[PlayableFile],
        asked: Option<FileId>,
        profile: Option<&ClientProfile>,
    ) -> Vec<(u128, Method)> {
        let version = Version { asked, ..Version::default() };
        let candidates = candidates(files, &[], &[], version, profile, &Wish::default(), None);
        candidates.iter().map(|it| (it.file.id.0.as_u128(), it.decision.method)).collect()
    }

    #[test]
    fn a_film_in_parts_begins_with_the_first_whatever_the_second_would_cost() {
        let part = |number: u128, part, container| PlayableFile {
            part: Some(part),
            ..file(number, "main", container)
        };
        let files = [part(1, 1, Container::Matroska), part(2, 2, Container::Mp4)];
        let profile =
            ClientProfile { containers: vec![Container::Mp4], ..ClientProfile::default() };
        assert_eq!(chosen(&files, None, Some(&profile))[0].0, 1);
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
        let profile = ClientProfile::default();
        let found = candidates(
            &files,
            &[],
            &[],
            Version::default(),
            Some(&profile),
            &Wish::default(),
            None,
        );
        assert_eq!(found[0].decision.reasons, [Reason::Unknown]);
    }

    #[test]
    fn a_version_in_which_one_cannot_seek_comes_behind_one_in_which_one_can() {
        let files = [file(1, "main", Container::WebM), file(2, "main", Container::Mp4)];
        let profile = ClientProfile {
            containers: vec![Container::WebM, Container::Mp4],
            protocols: vec![media::decide::Protocol::Hls],
            ..ClientProfile::default()
        };
        let first = |unindexed: &[FileId]| {
            let (version, wish) = (Version::default(), Wish::default());
            let found = candidates(&files, &[], unindexed, version, Some(&profile), &wish, None);
            (found[0].file.id.0.as_u128(), found[0].decision.method)
        };
        assert_eq!(first(&[]), (1, Method::Direct));
        assert_eq!(first(&[files[0].id]), (2, Method::Direct));
    }

    /// Pictures of this size in a file, as a prober would tell.
    fn picture(number: u128, codec: &str, width: u32, height: u32) -> (FileId, Stream) {
        let detail = serde_json::json!({
            "index": 0, "kind": "video", "codec": codec, "width": width, "height": height,
        });
        (FileId(Uuid::from_u128(number)), serde_json::from_value(detail).expect("a stream"))
    }

    #[test]
    fn of_what_plays_alike_the_best_picture_is_chosen_unless_another_was_chosen_before() {
        let files: Vec<PlayableFile> =
            (1..=4).map(|number| file(number, "main", Container::Mp4)).collect();
        let streams = [
            picture(1, "h264", 1280, 720),
            picture(2, "h264", 1920, 1080),
            picture(3, "hevc", 3840, 2160),
            picture(4, "hevc", 1920, 800),
        ];
        let profile = ClientProfile {
            containers: vec![Container::Mp4],
            video: vec![media::decide::VideoSupport::of(media::Codec::H264)],
            ..ClientProfile::default()
        };
        let order = |remembered: Option<u128>| {
            let remembered = remembered.map(|it| FileId(Uuid::from_u128(it)));
            let version = Version { remembered, ..Version::default() };
            let found =
                candidates(&files, &streams, &[], version, Some(&profile), &Wish::default(), None);
            found.iter().map(|it| it.file.id.0.as_u128()).collect::<Vec<_>>()
        };
        assert_eq!(order(None), [2, 1, 4, 3]);
        assert_eq!(order(Some(1)), [1, 2, 4, 3]);
        assert_eq!(order(Some(3)), [3, 2, 1, 4]);
        assert_eq!(order(Some(9)), [2, 1, 4, 3], "a version that is gone");
    }
}
