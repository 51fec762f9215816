//! Extras: what lies in their folders, and what a suffix marks as one.

use crate::{
    Hint,
    context::Folders,
    fold,
    lexicon::{self, JOINING_WORDS, extra_of_suffix},
    name::{Gap, Name},
    parsed::{Fact, Kind, Parsed},
    recognise::is_alone_in_bracket,
    title,
    video::{self, Siblings},
};

/// Words that name an extra only behind a hyphen: titles end in them, too.
const ONLY_BEHIND_HYPHEN: &[&str] = &[
    "short",
    "scene",
    "clip",
    "other",
    "extra",
    "interview",
    "deleted",
    "bonus",
    "extras",
    "interviews",
    "sample",
    "trailers",
    "bts",
];

/// The extra in `stem` when its name or folder says that it is one.
pub fn parse(stem: &str, offset: usize, folders: &Folders, siblings: Siblings) -> Option<Parsed> {
    let name = Name::new(stem, offset);
    if is_film_of_that_name(&name, folders) {
        return None;
    }
    // Among the extras only a plain mark is one: "Trailers/Official Trailer" has its name.
    let is_marked = |from: usize| folders.extras().is_none() || name.gap(from) == Gap::Hyphen;
    if let Some((kind, suffix_from)) = suffix(&name).filter(|it| is_marked(it.1)) {
        return Some(with_suffix(&name, kind, suffix_from, folders, siblings));
    }
    if let Some(kind) = whole(&name).or_else(|| creditless(&name)) {
        let mut facts = of_owner(folders);
        facts.extra_type = Some(kind);
        facts.label = title::text(&name, 0, name.len());
        if let Some(at) = creditless_at(&name).filter(|_| folders.owner().is_none()) {
            // "[Group] Title - NCOP1": without a folder the name has the series, too.
            let from = name.brackets().first().filter(|it| it.from == 0).map_or(0, |it| it.to);
            facts.series = title::text(&name, from, at);
            facts.note(Fact::Series, offset, title::bytes(&name, from, at));
        }
        return Some(facts);
    }
    let kind = folders.extras()?;
    // An episode among the "extras" with its number is an episode all the same in a library of shows: a special.
    let mut facts = of_owner(folders);
    facts.extra_type = Some(kind);
    facts.label = title::text(&name, 0, name.len());
    facts.note(Fact::Label, offset, name.bytes(0, name.len()));
    Some(facts)
}

/// "Trailer (2017)", "Sample (2019)": a film whose title is such a word, alone or in a folder of its own.
fn is_film_of_that_name(name: &Name, folders: &Folders) -> bool {
    // "Behind the Scenes (2018)/Behind the Scenes"
    let is_called_as_folder = name.len() > 0
        && folders.owner().is_some_and(|it| {
            it.reading.year.is_some()
                && it.reading.title_text().map(|it| fold(&it))
                    == title::text(name, 0, name.len()).map(|it| fold(&it))
        });
    let has_year = name.len() == 2
        && name.number(1).is_some_and(|it| (1900..2036).contains(&it))
        && name.bracket(1).is_some_and(|it| it.from == 1);
    is_called_as_folder
        || has_year
            && folders
                .owner()
                .and_then(|it| it.reading.title_text())
                .is_none_or(|it| fold(&it) == name.word(0))
}

/// The film or series that the folders name.
fn of_owner(folders: &Folders) -> Parsed {
    let mut facts = Parsed { kind: Kind::Extra, ..Parsed::default() };
    let Some(owner) =
        folders.series().filter(|_| folders.hint == Hint::Shows).or_else(|| folders.owner())
    else {
        return facts;
    };
    let text = owner.reading.title_text();
    let fact = if folders.hint == Hint::Shows || owner.reading.is_episode() {
        facts.series = text;
        facts.season = folders.season().map(|it| it.0);
        Fact::Series
    } else {
        facts.title = text;
        Fact::Title
    };
    let name = &owner.reading.name;
    facts.note(
        fact,
        name.offset,
        title::bytes(name, owner.reading.title.start, owner.reading.title.end),
    );
    if let Some((year, at)) = owner.reading.year {
        facts.year = Some(year);
        facts.note(Fact::Year, name.offset, name.bytes(at, at + 1));
    }
    facts
}

/// The extra that ends a name, and the token it begins at.
fn suffix(name: &Name) -> Option<(&'static str, usize)> {
    let n_tokens = name.len();
    // "-trailer 2", "-trailer-2"
    let end = if n_tokens > 2
        && name.number(n_tokens - 1).is_some_and(|it| it < 20)
        && extra_of_suffix(name.word(n_tokens - 2)) == Some("trailer")
    {
        n_tokens - 1
    } else {
        n_tokens
    };
    for n in [3, 2, 1] {
        let Some(from) = end.checked_sub(n).filter(|it| *it > 0) else { continue };
        // "S01E02 - The Trailer"
        if name.gap(from) != Gap::Hyphen && JOINING_WORDS.contains(&name.word(from - 1)) {
            continue;
        }
        let phrase = name.phrase(from, n).trim_end_matches(|it: char| it.is_ascii_digit());
        let Some(kind) = extra_of_suffix(phrase) else { continue };
        let gap = name.gap(from);
        let fits = match gap {
            Gap::Hyphen => true,
            Gap::Dot | Gap::Underscore | Gap::Dash => {
                !ONLY_BEHIND_HYPHEN.contains(&phrase) || phrase == "sample"
            }
            // A title may end in "Trailer" or "Featurette" as a word, but hardly does; others need a sign.
            Gap::Space => matches!(
                phrase,
                "trailer"
                    | "teaser trailer"
                    | "official trailer"
                    | "theatrical trailer"
                    | "behind the scenes"
                    | "deleted scenes"
                    | "featurette"
                    | "sample"
            ),
            _ => false,
        };
        if fits || name.bracket(from).is_some_and(|it| it.from == from && it.to == end) {
            return Some((kind, from));
        }
    }
    if let Some(at) = trailer_before_facts(name) {
        return Some(("trailer", at));
    }
    if n_tokens > 1
        && name.word(0) == "sample"
        && (matches!(name.gap(1), Gap::Hyphen | Gap::Underscore)
            || name.gap(1) == Gap::Dot && name.raw(0) == "sample")
    {
        return Some(("sample", 0));
    }
    None
}

/// "Film.2020.Official.Trailer.1080p": behind the year and with nothing but a release's facts behind it.
fn trailer_before_facts(name: &Name) -> Option<usize> {
    let at = (2..name.len()).find(|i| matches!(name.word(*i), "trailer" | "teaser"))?;
    let is_fact = |i: usize| {
        lexicon::longest_phrase(name.word(i)) > 0
            || name.word(i).contains(|it: char| it.is_ascii_digit())
    };
    let from = at - usize::from(matches!(name.word(at - 1), "official" | "theatrical" | "final"));
    let follows_year = name.number(from - 1).is_some_and(|it| (1900..2036).contains(&it));
    let followed = at + 1 < name.len() && (at + 1..name.len()).all(is_fact);
    (follows_year && followed).then_some(from)
}

fn with_suffix(
    name: &Name,
    kind: &'static str,
    from: usize,
    folders: &Folders,
    siblings: Siblings,
) -> Parsed {
    let rest = if from == 0 {
        name.bytes(1, name.len())
    } else {
        0..name.bytes(0, from).end + closing(name, from)
    };
    let stem = name.text.get(rest.clone()).unwrap_or_default();
    let mut facts = video::parse(stem, name.offset + rest.start, folders, siblings);
    let own = Name::new(stem, name.offset + rest.start);
    let text = title::text(&own, 0, own.len());
    // "Beach-deleted" in "Film (2010)": the name is the extra's own, the film is the folder's.
    let owner = folders.owner().and_then(|it| it.reading.title_text());
    let is_own_name = owner
        .as_deref()
        .is_some_and(|owner| text.as_deref().is_some_and(|it| !fold(it).starts_with(&fold(owner))));
    if is_own_name && facts.episode.is_none() && kind != "sample" {
        facts = of_owner(folders);
        facts.label = text;
    }
    facts.kind = Kind::Extra;
    facts.extra_type = Some(kind);
    facts.version = None;
    facts.note(
        Fact::ExtraType,
        name.offset,
        name.bytes(from, if from == 0 { 1 } else { name.len() }),
    );
    if facts.series.is_some() {
        facts.title = None;
    }
    facts
}

/// Length of the closing brackets right behind the words before token `from`.
fn closing(name: &Name, from: usize) -> usize {
    let end = name.bytes(0, from).end;
    name.text[end..]
        .chars()
        .take_while(|it| matches!(it, ')' | ']' | '}' | '!' | '?' | '）' | '】'))
        .map(char::len_utf8)
        .sum()
}

/// A name that is nothing but the kind of extra: "trailer", "theme".
fn whole(name: &Name) -> Option<&'static str> {
    if name.len() == 0 || name.len() > 3 {
        return None;
    }
    let all =
        name.phrase(0, name.len()).trim_end_matches(|it: char| it.is_ascii_digit() || it == ' ');
    match all {
        "trailer" | "teaser" | "official trailer" | "movie trailer" => Some("trailer"),
        "sample" => Some("sample"),
        "theme" | "theme video" => Some("theme_video"),
        "featurette" => Some("featurette"),
        "behind the scenes" => Some("behind_the_scenes"),
        _ => None,
    }
}

/// Opening and ending without credits, menus and trailers on discs of anime: "[Group] Title - NCOP1".
fn creditless(name: &Name) -> Option<&'static str> {
    creditless_at(name).map(|_| "other")
}

fn creditless_at(name: &Name) -> Option<usize> {
    let is_one = |i: usize| {
        let word = name.word(i);
        if !word.starts_with(['n', 'c', 't', 'p', 'm']) {
            return false;
        }
        let word = word.trim_end_matches(|it: char| it.is_ascii_digit());
        let is_set_off = name.gap(i) == Gap::Dash || is_alone_in_bracket(name, i);
        matches!(word, "ncop" | "nced" | "ncops" | "nceds" | "creditless" | "textless")
            || i > 0 && is_set_off && matches!(word, "pv" | "cm" | "menu")
    };
    let is_clean = |i: usize| {
        name.word(i) == "clean" && matches!(name.word(i + 1), "opening" | "ending" | "op" | "ed")
    };
    (0..name.len()).find(|i| is_one(*i) || *i > 0 && is_clean(*i))
}
