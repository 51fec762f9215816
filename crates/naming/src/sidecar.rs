//! External subtitles and audio tracks: the words behind the video's name, from the end backwards.

use crate::{
    context::Folders,
    lexicon::{language_of, script_of},
    name::{Gap, Name},
    parsed::{Fact, Kind, Parsed},
    video::{self, Siblings},
};

/// Most words that are read as language, flags and label.
const MOST_WORDS: usize = 8;

/// Words that name a track when they stand before its language, where any other word is the video's.
const LABELS: &[&str] = &[
    "commentary",
    "signs",
    "songs",
    "lyrics",
    "dialogue",
    "dialog",
    "karaoke",
    "full",
    "descriptive",
    "comments",
    "signs songs",
    "signs and songs",
    "directors commentary",
    "director commentary",
    "cast commentary",
    "audio description",
    "audio commentary",
];

#[derive(Clone, Copy)]
enum Word {
    Language(&'static str),
    Forced,
    Sdh,
    Default,
    Label,
}

/// Reads a subtitle or audio track. `video` is the stem of the video beside it whose name this one begins with.
pub fn parse(
    stem: &str,
    offset: usize,
    kind: Kind,
    folders: &Folders,
    siblings: Siblings,
    video: Option<&str>,
) -> Parsed {
    let name = Name::new(stem, offset);
    let mut tags = Parsed::default();
    let floor = video.map_or(1, |it| {
        (0..name.len()).find(|i| name.bytes(*i, i + 1).start >= it.len()).unwrap_or(name.len())
    });
    let cut = read_tags(&name, floor, &mut tags, video.is_some(), folders);
    let base = match video {
        Some(video) => &stem[..video.len()],
        None => &stem[..name.bytes(0, cut).end + brackets_closed(&name, cut)],
    };
    let mut facts = match folders.subtitled_video() {
        // "Subs/Show.S01E02.1080p-GRP/2_English.srt"
        Some(folder) => {
            video::parse(folder.reading.name.text, folder.reading.name.offset, folders, siblings)
        }
        None => video::parse(base, offset, folders, siblings),
    };
    if folders.subtitled_video().is_some() && facts.label.is_none() {
        tags.label = tags.label.filter(|it| !it.bytes().all(|it| it.is_ascii_digit()));
    }
    facts.kind = kind;
    facts.language = tags.language;
    facts.forced = tags.forced;
    facts.sdh = tags.sdh;
    facts.default = tags.default;
    facts.label = tags.label;
    facts.version = None;
    facts.spans.retain(|it| it.fact != Fact::Language && it.fact != Fact::Version);
    facts.spans.append(&mut tags.spans);
    if facts.series.is_some() {
        facts.title.clone_from(&facts.episode_title);
    }
    facts
}

fn brackets_closed(name: &Name, cut: usize) -> usize {
    let end = name.bytes(0, cut).end;
    name.text[end..]
        .chars()
        .take_while(|it| matches!(it, ')' | ']' | '}' | '!' | '?'))
        .map(char::len_utf8)
        .sum()
}

/// Reads tags from the end of the name down to token `floor`; gives the token where the video's name ends.
fn read_tags(
    name: &Name,
    floor: usize,
    tags: &mut Parsed,
    knows_video: bool,
    folders: &Folders,
) -> usize {
    let mut end = name.len();
    let mut label_from = end;
    // "2_English", "English": nothing but tags, the folder has the title.
    let is_all_tags = all_tags(name, folders.holds_subtitles());
    let floor = if is_all_tags { 0 } else { floor.max(usize::from(!knows_video)) };
    let lowest = end.saturating_sub(MOST_WORDS).max(floor);
    while end > lowest {
        let Some((word, n)) = [3, 2, 1]
            .into_iter()
            .filter(|n| end >= lowest + n)
            .filter(|n| !is_title_word(name, end - n, *n, tags.language.is_some()))
            .find_map(|n| tag(name, end - n, n, knows_video || is_all_tags).map(|it| (it, n)))
        else {
            if knows_video {
                end -= 1;
                label_from = end;
                continue;
            }
            // "Film.en.Commentary": a label behind a language code.
            let behind_code = end >= 2 + floor
                && end == name.len()
                && name.gap(end - 1) == Gap::Dot
                && name.number(end - 1).is_none()
                && is_code(name, end - 2);
            if behind_code {
                end -= 1;
                label_from = end;
                continue;
            }
            break;
        };
        let from = end - n;
        apply(word, name, from, end, tags);
        if matches!(word, Word::Label) {
            label_from = from;
        }
        end = from;
    }
    if is_all_tags {
        return 0;
    }
    // What is left of a label between tags: from its first word to its last.
    if label_from < name.len() {
        let label_end = (label_from + 1..=name.len())
            .find(|it| {
                *it == name.len()
                    || tag(name, *it, 1, true).is_some_and(|it| !matches!(it, Word::Label))
            })
            .unwrap_or(name.len());
        let bytes = name.bytes(label_from, label_end);
        tags.label = Some(crate::title::clean(&name.text[bytes.clone()]));
        tags.note(Fact::Label, name.offset, bytes);
    }
    end
}

/// "S01E02 - No.en": behind a dash a short word is rather a title than the code of a (further) language.
fn is_title_word(name: &Name, i: usize, n: usize, knows_language: bool) -> bool {
    n == 1
        && name.gap(i) == Gap::Dash
        && name.word(i).len() <= 3
        && (knows_language
            || name.raw(i).starts_with(char::is_uppercase) && !name.is_all_capitals(i, i + 1))
}

fn is_code(name: &Name, i: usize) -> bool {
    matches!(name.gap(i), Gap::Dot | Gap::Underscore)
        && name.word(i).len() <= 3
        && language_of(name.word(i)).is_some()
        && i > 0
}

/// Whether the name is nothing but tags; in a folder of subtitles with a counter before them.
fn all_tags(name: &Name, is_counted: bool) -> bool {
    let mut i =
        usize::from(is_counted && name.number(0).is_some_and(|it| it < 100) && name.len() > 1);
    let mut found = false;
    while i < name.len() {
        let n =
            [3, 2, 1].into_iter().find(|n| i + n <= name.len() && tag(name, i, *n, true).is_some());
        let Some(n) = n else { return false };
        // A code alone ("It", "Is", "No") is a title rather than a language.
        if name.len() == 1 && name.word(0).len() < 4 && name.raw(0).starts_with(char::is_uppercase)
        {
            return false;
        }
        found = true;
        i += n;
    }
    found
}

fn apply(word: Word, name: &Name, from: usize, to: usize, tags: &mut Parsed) {
    let fact = match word {
        Word::Language(tag) => {
            // "hi" before another language is the mark for the hard of hearing, read from the end: "en.hi".
            if tags.language == Some("hi") && name.word(to) == "hi" {
                tags.sdh = true;
                tags.language = None;
            }
            if tags.language.is_none() {
                tags.language = Some(tag);
            }
            Fact::Language
        }
        Word::Forced => {
            tags.forced = true;
            Fact::Forced
        }
        Word::Sdh => {
            tags.sdh = true;
            Fact::Sdh
        }
        Word::Default => {
            tags.default = true;
            Fact::Default
        }
        Word::Label => return,
    };
    tags.note(fact, name.offset, name.bytes(from, to));
}

/// What the `n` words from `i` say about a track.
fn tag(name: &Name, i: usize, n: usize, knows_video: bool) -> Option<Word> {
    let phrase = name.phrase(i, n);
    if n > 1 && (1..n).any(|it| matches!(name.gap(i + it), Gap::Dash)) {
        return None;
    }
    let in_bracket = name.bracket(i).is_some_and(|it| it.from == i && it.to == i + n);
    let gap = name.gap(i);
    let is_set_off = knows_video
        || in_bracket
        || matches!(gap, Gap::Dot | Gap::Hyphen | Gap::Underscore | Gap::Dash);
    match phrase {
        "forced" | "foreign" | "foreign parts only" if is_set_off => return Some(Word::Forced),
        "sdh" | "cc" | "hearing impaired" | "closed captions" | "hoh"
            if is_set_off || phrase == "sdh" =>
        {
            return Some(Word::Sdh);
        }
        "default" if is_set_off => return Some(Word::Default),
        _ if LABELS.contains(&phrase) && is_set_off && (knows_video || i > 1) => {
            return Some(Word::Label);
        }
        _ => {}
    }
    if n == 1
        && let Some(tag) =
            script_of(phrase).filter(|_| i > 0 && language_of(name.word(i - 1)) == Some("zh"))
    {
        return Some(Word::Language(tag));
    }
    let language = language_of(phrase)?;
    // A code of two letters must be set off; "de", "la", "it" are words. A name may stand behind a space.
    let is_code = phrase.len() <= 3;
    // "pt BR" is one code only when a hyphen or underscore joins it.
    if n > 1
        && is_code_pair(name, i, n)
        && !matches!(name.gap(i + 1), Gap::Hyphen | Gap::Underscore)
    {
        return None;
    }
    let fits = is_set_off || (!is_code && gap == Gap::Space);
    fits.then_some(Word::Language(language))
}

fn is_code_pair(name: &Name, i: usize, n: usize) -> bool {
    n == 2 && name.word(i).len() == 2 && name.word(i + 1).len() <= 4
}
