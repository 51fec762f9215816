//! Where the title begins: behind a group, a site, a year in brackets.

use crate::{
    name::{Gap, Name},
    recognise::{Mark, Tag, is_alone_in_bracket, is_domain_end},
};

/// "(Group) Title - 12 (720p)": a number behind a dash and then nothing or a bracket, as in releases of anime.
fn is_counted(name: &Name, from: usize) -> bool {
    let ends = |i: usize| i == name.len() || name.bracket(i).is_some_and(|it| it.from == i);
    (from + 1..name.len()).any(|i| {
        name.gap(i) == Gap::Dash
            && name.word(i).len() >= 2
            && name.word(i).starts_with(|it: char| it.is_ascii_digit())
            && ends(i + 1)
    })
}

fn closes(sign: char) -> bool {
    matches!(sign, ']' | '】' | ')' | '」' | ' ')
}

/// First token of the title: behind a leading group, site or year in brackets. With the index of a leading bracket.
pub fn title_start(name: &Name, marks: &[Mark]) -> (usize, Option<usize>) {
    let mut start = 0;
    let mut leading = None;
    for (index, bracket) in name.brackets().iter().enumerate() {
        let is_first = bracket.from == start && name.bytes(start, start + 1).start > bracket.open;
        let nothing_before = name.text[..bracket.open].chars().all(|it| !it.is_alphanumeric())
            || start > 0 && bracket.from == start;
        if !is_first || !nothing_before {
            break;
        }
        let inside = |it: &&Mark| (bracket.from..bracket.to).contains(&it.from);
        let has_mark = marks
            .iter()
            .filter(inside)
            .any(|it| matches!(it.tag, Tag::Year(_) | Tag::Site | Tag::Id(_)) || it.is_anchor());
        let is_title = name.phrase(bracket.from, 1) == "rec" && bracket.to == bracket.from + 1;
        // "[02] Title" counts.
        let is_number = bracket.to == bracket.from + 1
            && name.word(bracket.from).len() <= 3
            && name.number(bracket.from).is_some();
        let is_group = bracket.sign == '[' && !is_number
            || bracket.sign == '('
                && name.number(bracket.from).is_none()
                && is_counted(name, bracket.to);
        if (!is_group && !has_mark) || is_title || bracket.to >= name.len() {
            break;
        }
        if leading.is_some() && !has_mark {
            // "[Group][Title][01]": the second bracket is the title.
            break;
        }
        if leading.is_none() && !has_mark {
            leading = Some(index);
        }
        start = bracket.to;
    }
    // "tt0073195 - Jaws (1975)"
    let is_in_front = |it: &&Mark| matches!(it.tag, Tag::Site | Tag::Id(_));
    while let Some(mark) = marks.iter().filter(is_in_front).find(|it| it.from == start) {
        start = mark.to;
    }
    // "【Group】★July's new ones★[Title][01]": a remark between stars.
    if leading.is_some()
        && name.text[name.bytes(0, start).end..].trim_start_matches(closes).starts_with(['★', '☆'])
        && let Some(bracket) = name.brackets().iter().find(|it| it.from > start)
    {
        start = bracket.from;
    }
    // "ドラマ「半沢直樹」第10話": what kind of thing it is, then its title in quotes.
    if matches!(name.word(start), "ドラマ" | "アニメ" | "映画" | "劇場版")
        && name.bracket(start + 1).is_some_and(|it| it.sign == '"' && it.from == start + 1)
    {
        start += 1;
    }
    // "example.org - Title"
    if name.gap(start + 1) == Gap::Dot
        && is_domain_end(name.word(start + 1))
        && name.gap(start + 2) == Gap::Dash
    {
        start += 2;
    }
    let nothing_left = start >= name.len()
        || leading.is_some()
            && marks.iter().any(|it| {
                it.from == start
                    && (it.is_anchor() && !matches!(it.tag, Tag::Episode(_))
                        || matches!(it.tag, Tag::Year(_)) && is_alone_in_bracket(name, start))
            });
    if nothing_left { (0, None) } else { (start, leading) }
}
