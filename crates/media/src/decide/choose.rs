//! Which sound of a film a person hears.

use super::Wish;
use super::language::{is_same, rank};
use super::taste::AudioWhy;
use crate::stream::{Stream, StreamKind};

/// The sound track that fits best, and why: the asked one; else one like that the person chose before; else by language;
/// else as the file proposes. Comments and descriptions are nobody's film unless they are all there is, or chosen. Of one
/// language, a track that plays as it is goes before one that does not; a track that cannot be heard at all comes last.
pub fn choose_audio<'a>(
    streams: &'a [Stream],
    wish: &Wish,
    plays: impl Fn(&Stream) -> bool,
) -> Option<(&'a Stream, AudioWhy)> {
    let sounds = || streams.iter().filter(|it| it.kind == StreamKind::Audio);
    let is_lost = |it: &Stream| wish.unmade.contains(&it.index) && !plays(it);
    if let Some(asked) = wish.audio {
        let asked = sounds().find(|it| it.index == asked);
        // What could not be made is asked for in vain.
        if !asked.is_some_and(is_lost) {
            return asked.map(|it| (it, AudioWhy::Asked));
        }
    }
    let is_heard = |it: &Stream| plays(it) || (wish.makes_sound && !is_lost(it));
    if let Some(choice) = &wish.remembered {
        let fits = |it: &&Stream| {
            let is_language = match (&choice.language, &it.language) {
                (Some(chosen), Some(language)) => is_same(chosen, language),
                (chosen, language) => chosen == language,
            };
            is_language && choice.is_aside == is_aside(it) && !is_lost(it)
        };
        let found = sounds().filter(fits).min_by_key(|it| {
            let is_titled = it.title.is_some() && it.title == choice.title;
            (!is_heard(it), !is_titled, !plays(it), !it.flags.default, it.index)
        });
        if let Some(found) = found {
            return Some((found, AudioWhy::Remembered));
        }
    }
    // What the film is heard in when nobody wishes anything.
    let proposed = sounds().min_by_key(|it| (is_aside(it), !it.flags.default, it.index))?;
    let marked = sounds().find(|it| it.flags.original).and_then(|it| it.language.as_ref());
    let original = wish.original.as_ref().or(marked).filter(|_| wish.taste.prefers_original);
    let languages: Vec<String> =
        original.into_iter().chain(&wish.taste.audio_languages).cloned().collect();
    let chosen = sounds().min_by_key(|it| {
        let language = rank(&languages, it.language.as_deref()).unwrap_or(usize::MAX);
        let is_proposed_language = it.language == proposed.language;
        let order = (!is_proposed_language, !plays(it), !it.flags.default, it.index);
        (is_aside(it), !is_heard(it), language, order)
    })?;
    let language = chosen.language.as_deref();
    let is_original = original.zip(language).is_some_and(|(one, other)| is_same(one, other));
    let why = match rank(&languages, language) {
        Some(_) if is_original => AudioWhy::Original,
        Some(_) => AudioWhy::Language,
        None => AudioWhy::Proposed,
    };
    Some((chosen, why))
}

/// How dear the sound that a version of a film begins with is to a person, the smallest the dearest: versions that differ in
/// their languages are told apart by it. What the person said nothing about is the same in all of them; one language is one,
/// whatever its region.
pub fn rank_heard(streams: &[Stream], wish: &Wish, heard: Option<(u32, AudioWhy)>) -> usize {
    let rank = |language: &str| {
        let mut languages = wish.taste.audio_languages.iter();
        languages.position(|it| is_same(it, language)).map(|it| it + 2)
    };
    let Some((index, why)) = heard else { return usize::MAX };
    match why {
        // What was asked for is nobody's liking.
        AudioWhy::Asked => usize::MAX,
        AudioWhy::Remembered => 0,
        AudioWhy::Original => 1,
        AudioWhy::Language | AudioWhy::Proposed => {
            let stream = streams.iter().find(|it| it.index == index);
            let language = stream.and_then(|it| it.language.as_deref());
            language.and_then(rank).unwrap_or(usize::MAX)
        }
    }
}

/// Not the film itself, but somebody talking about it or over it.
pub fn is_aside(stream: &Stream) -> bool {
    stream.flags.commentary || stream.flags.visual_impaired
}
