//! The text of a title: the slice of a name with what only stands for a space made one.

use std::ops::Range;

use crate::name::Name;

/// Signs behind the last word that belong to it.
fn closes_a_title(sign: char) -> bool {
    matches!(
        sign,
        '!' | '?'
            | '…'
            | '%'
            | '*'
            | '"'
            | '\''
            | '’'
            | '`'
            | '”'
            | '»'
            | '$'
            | '！'
            | '？'
            | '°'
            | '™'
            | '~'
            | '。'
            | '△'
            | '☆'
            | '★'
            | '♪'
            | '♡'
            | '♥'
            | '†'
            | '∞'
    )
}

/// Signs before the first word that belong to it.
fn opens_a_title(sign: char) -> bool {
    matches!(
        sign,
        '¿' | '¡' | '$' | '#' | '@' | '"' | '\'' | '`' | '“' | '„' | '«' | '…' | '£' | '*'
    )
}

/// The byte range in the name's text that the tokens `from..to` fill as a title, with the signs that belong to them.
pub fn bytes(name: &Name, from: usize, to: usize) -> Range<usize> {
    let mut range = name.bytes(from, to);
    if range.is_empty() {
        return range;
    }
    let before = name.text[..range.start].chars().rev();
    range.start -= before.take_while(|it| opens_a_title(*it)).map(char::len_utf8).sum::<usize>();
    if let Some(bracket) =
        name.bracket(from).filter(|it| it.from == from && (it.to < to || it.to == to && from == 0))
    {
        range.start = bracket.open;
    }
    if let Some(bracket) = name
        .bracket(to - 1)
        .filter(|it| it.to == to && (it.from > from || it.from == from && range.start == it.open))
    {
        range.end = bracket.close;
    }
    let behind = |end: usize| name.text[end..].chars();
    range.end +=
        behind(range.end).take_while(|it| closes_a_title(*it)).map(char::len_utf8).sum::<usize>();
    // Where spaces part the words, dots are signs of the title: "...And Justice for All", "Monsters, Inc. (2001)",
    // "What If...? (2021)".
    let has_space = name.text[range.clone()].contains(' ');
    if has_space && from == 0 && name.text[..range.start].ends_with("..") {
        range.start = name.text[..range.start].trim_end_matches('.').len();
    }
    let signs: usize = behind(range.end)
        .take_while(|it| *it == '.' || closes_a_title(*it))
        .map(char::len_utf8)
        .sum();
    if has_space && behind(range.end + signs).next().is_none_or(|it| it == ' ') {
        range.end += signs;
    }
    // The last dot of "S.W.A.T." belongs to it.
    let text = &name.text[range.clone()];
    let mut last = text.chars().rev();
    let ends_in_letter_after_dot =
        last.next().is_some_and(char::is_alphabetic) && last.next() == Some('.');
    if ends_in_letter_after_dot && name.text[range.end..].starts_with('.') {
        range.end += 1;
    }
    range
}

/// The title in the tokens `from..to`; `None` when there is no word in it. In a name whose words are all joined by hyphens
/// these stand for spaces.
pub fn text(name: &Name, from: usize, to: usize) -> Option<String> {
    let range = bytes(name, from, to);
    let slice = &name.text[range.clone()];
    // "9-1-1" keeps its hyphens.
    // In "Spider-Man[2002]DvDrip-GRP" nothing but a bracket stands behind the title.
    let up_to_next = range.end + 1;
    let is_hyphenated = !name.text.contains([' ', '.', '_'])
        && name.text.bytes().take(up_to_next).filter(|it| *it == b'-').count() >= 2
        && slice.split('-').any(|it| it.len() > 2);
    // "Chernobyl - S01E01 - 1.23.45", "2.0 (2018)": among spaces, dots between numbers are meant.
    let is_dotted_number = name.text.contains(' ')
        && slice.contains(|it: char| it.is_ascii_digit())
        && slice.trim_start_matches(['$', '£']).bytes().all(|it| it.is_ascii_digit() || it == b'.');
    // "D.Gray-man - 001": where spaces part the fields, so does the dot behind a single letter.
    let is_dotted_letter = name.text.contains(' ')
        && slice.split_once('.').is_some_and(|(first, rest)| {
            is_letter(first) && rest.len() > 1 && !rest.contains(['.', ' ', '_'])
        });
    // "The+Big+Lebowski+1998"
    let is_joined_by_plus = slice.contains('+')
        && !name.text.contains([' ', '.', '_', '-'])
        && name.text.matches('+').count() >= 2;
    let title = if is_dotted_number || is_dotted_letter || is_dotted_day(slice) {
        slice.to_owned()
    } else if is_hyphenated {
        clean(&slice.replace('-', "_"))
    } else if is_joined_by_plus {
        clean(&slice.replace('+', "_"))
    } else {
        clean(slice)
    };
    (!title.is_empty()).then(|| article_first(title))
}

/// "11.22.63", "4.3.2.1": nothing but short numbers and the dots between them.
fn is_dotted_day(slice: &str) -> bool {
    slice.starts_with(|it: char| it.is_ascii_digit())
        && slice.matches('.').count() >= 2
        && slice
            .split('.')
            .all(|it| (1..=2).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit()))
}

/// `slice` with underscores, and dots where no space stands in it, made spaces.
pub fn clean(slice: &str) -> String {
    let has_space = slice.contains([' ', '\u{a0}', '\u{3000}']);
    let mut title = String::with_capacity(slice.len() + 1);
    let mut pieces = slice
        .split(|it: char| {
            it.is_whitespace() || it.is_control() || it == '_' || (it == '.' && !has_space)
        })
        .filter(|it| !it.is_empty())
        .peekable();
    let mut in_acronym = false;
    while let Some(piece) = pieces.next() {
        let joins = !has_space && is_letter(piece) && pieces.peek().is_some_and(|it| is_letter(it))
            || in_acronym;
        if !title.is_empty() && !in_acronym {
            title.push(' ');
        }
        title.push_str(piece);
        in_acronym = joins && pieces.peek().is_some_and(|it| is_letter(it)) && is_letter(piece);
        if joins && slice.contains('.') {
            title.push('.');
        } else {
            in_acronym = false;
        }
    }
    title
        .trim_matches(|it: char| {
            it.is_whitespace() || matches!(it, '-' | '–' | '—' | ',' | ';' | ':' | '_' | '|' | '=')
        })
        .to_owned()
}

fn is_letter(piece: &str) -> bool {
    let mut signs = piece.chars();
    signs.next().is_some_and(|it| it.is_ascii_uppercase()) && signs.next().is_none()
}

/// "Matrix, The" as it is spoken.
fn article_first(title: String) -> String {
    const ARTICLES: [&str; 9] = ["The", "A", "An", "Le", "La", "Les", "Der", "Die", "Das"];
    match title.rsplit_once(", ") {
        Some((rest, article)) if ARTICLES.contains(&article) => format!("{article} {rest}"),
        _ => title,
    }
}
