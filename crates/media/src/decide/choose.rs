//! Which sound of a film a person hears.

use super::Wish;
use crate::stream::{Stream, StreamKind};

/// The sound track that fits best: the wished one; else by language, then as the file proposes. Comments and
/// descriptions are nobody's film unless they are all there is, and a track that plays as it is goes before one of the
/// same language that does not.
pub fn choose_audio<'a>(
    streams: &'a [Stream],
    wish: &Wish,
    plays: impl Fn(&Stream) -> bool,
) -> Option<&'a Stream> {
    let sounds = || streams.iter().filter(|it| it.kind == StreamKind::Audio);
    if let Some(wished) = wish.audio {
        return sounds().find(|it| it.index == wished);
    }
    // What the film is heard in when nobody wishes anything.
    let proposed = sounds().min_by_key(|it| (is_aside(it), !it.flags.default, it.index))?;
    sounds().min_by_key(|it| {
        let language = rank(&wish.languages, it.language.as_deref());
        let is_proposed_language = it.language == proposed.language;
        (is_aside(it), !plays(it), language, !is_proposed_language, !it.flags.default, it.index)
    })
}

/// Not the film itself, but somebody talking about it or over it.
fn is_aside(stream: &Stream) -> bool {
    stream.flags.commentary || stream.flags.visual_impaired
}

/// The place of a language among those that a person likes; a region or script does not matter.
fn rank(languages: &[String], language: Option<&str>) -> usize {
    let primary = |it: &str| it.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let Some(language) = language.map(primary) else { return languages.len() };
    languages.iter().position(|it| primary(it) == language).unwrap_or(languages.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Codec;

    fn sound(index: u32, language: &str, codec: Codec, change: fn(&mut Stream)) -> Stream {
        let mut stream = Stream::new(index, StreamKind::Audio, codec);
        stream.language = Some(language.to_owned());
        change(&mut stream);
        stream
    }

    fn chosen(streams: &[Stream], languages: &[&str]) -> Option<u32> {
        let wish =
            Wish { audio: None, languages: languages.iter().map(|it| (*it).to_owned()).collect() };
        choose_audio(streams, &wish, |it| it.codec == Codec::Aac).map(|it| it.index)
    }

    #[test]
    fn the_proposed_track_is_heard_unless_a_language_is_wished() {
        let streams = [
            sound(1, "en", Codec::Aac, |_| ()),
            sound(2, "de", Codec::Aac, |it| it.flags.default = true),
            sound(3, "en-GB", Codec::Aac, |it| it.flags.commentary = true),
        ];
        assert_eq!(chosen(&streams, &[]), Some(2));
        assert_eq!(chosen(&streams, &["en"]), Some(1));
        assert_eq!(chosen(&streams, &["fr", "en-US"]), Some(1));
        assert_eq!(chosen(&streams[2..], &["de"]), Some(3), "a comment is better than silence");
        assert_eq!(chosen(&[], &["de"]), None);
    }

    #[test]
    fn of_one_language_the_track_that_plays_is_heard() {
        let streams = [
            sound(1, "en", Codec::Dts, |it| it.flags.default = true),
            sound(2, "de", Codec::Aac, |_| ()),
            sound(3, "en", Codec::Aac, |_| ()),
        ];
        assert_eq!(chosen(&streams, &[]), Some(3), "the proposed language, as it plays");
        assert_eq!(chosen(&streams[..2], &[]), Some(2), "another language before none at all");
    }

    #[test]
    fn a_wished_track_is_taken_even_if_it_does_not_play() {
        let streams = [sound(1, "en", Codec::Aac, |_| ()), sound(2, "en", Codec::Dts, |_| ())];
        let wish = Wish { audio: Some(2), languages: Vec::new() };
        assert_eq!(
            choose_audio(&streams, &wish, |it| it.codec == Codec::Aac).map(|it| it.index),
            Some(2)
        );
        let wish = Wish { audio: Some(9), languages: Vec::new() };
        assert_eq!(choose_audio(&streams, &wish, |_| true), None, "there is no such track");
    }
}
