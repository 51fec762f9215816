//! One path component, read: which marks count, where the title ends, what remains for the episode's title.

mod numbers;
mod start;
mod terms;
mod year;

use std::ops::Range;

use crate::{
    Hint, lexicon,
    name::{
        Bracket, Gap, Name,
        signs::{self, Script},
    },
    recognise::{self, Date, Mark, Numbering, Tag},
};

/// A component with its marks resolved. Ranges are of tokens.
pub struct Reading<'a> {
    /// The component.
    pub name: Name<'a>,
    /// The marks that count, in order.
    pub marks: Vec<Mark>,
    /// The title; empty when there is none.
    pub title: Range<usize>,
    /// A second title behind `aka` or in round brackets.
    pub alternative: Range<usize>,
    /// The chosen year and its token.
    pub year: Option<(u16, usize)>,
    /// The numbers and their tokens.
    pub numbering: Option<(Numbering, Range<usize>)>,
    /// A day of broadcast and its tokens.
    pub date: Option<(Date, Range<usize>)>,
    /// What stands behind the numbers and before the release facts.
    pub episode_title: Range<usize>,
    /// The bracket that leads the name, which names a group in anime releases.
    pub leading_bracket: Option<usize>,
    /// First token behind the title.
    pub cut: usize,
}

impl<'a> Reading<'a> {
    /// Reads `text`, which begins at byte `offset` of the path and names a file.
    pub fn new(text: &'a str, offset: usize, hint: Hint) -> Self {
        Self::read(text, offset, hint, false)
    }

    /// Reads the name of a folder. A number there is rather a word of the title ("24", "The 100") than an episode.
    pub fn of_folder(text: &'a str, offset: usize, hint: Hint) -> Self {
        Self::read(text, offset, hint, true)
    }

    fn read(text: &'a str, offset: usize, hint: Hint, is_folder: bool) -> Self {
        let name = Name::new(text, offset);
        let marks = recognise::recognise(&name, hint);
        let (start, leading_bracket) = start::title_start(&name, &marks);
        let mut reading = Self {
            name,
            marks,
            title: start..start,
            alternative: 0..0,
            year: None,
            numbering: None,
            date: None,
            episode_title: 0..0,
            leading_bracket,
            cut: 0,
        };
        reading.find_numbers(start, hint, is_folder);
        let boundary = reading.boundary(start);
        reading.choose_title(start, boundary);
        reading.choose_episode_title();
        reading.drop_words_of_titles();
        reading
    }

    /// Whether the component says season, episode or day.
    pub fn is_episode(&self) -> bool {
        self.numbering.is_some() || self.date.is_some()
    }

    /// Where the title ends at the latest: numbers, an anchor, or a bracket that is no part of it.
    fn boundary(&self, start: usize) -> usize {
        let mut end = self.name.len();
        if let Some((_, tokens)) = &self.numbering {
            end = end.min(tokens.start.max(start));
        }
        if let Some((_, tokens)) = &self.date {
            end = end.min(tokens.start.max(start));
        }
        let is_title_empty = |at: usize| at <= start;
        if let Some(anchor) = self.marks.iter().find(|it| {
            it.is_anchor()
                && !matches!(it.tag, Tag::Episode(_) | Tag::Date(_))
                && !is_title_empty(it.from)
        }) {
            end = end.min(anchor.from);
        }
        for bracket in self.name.brackets() {
            if bracket.from <= start || bracket.from >= end {
                // The title of "[Group][Title][01]" is a bracket itself.
                if bracket.from == start
                    && bracket.to < end
                    && self.leading_bracket.is_some()
                    && bracket.sign == '['
                {
                    end = bracket.to;
                }
                continue;
            }
            if self.ends_title(bracket.from, bracket.to, bracket.sign) {
                end = bracket.from;
                break;
            }
        }
        end
    }

    fn ends_title(&self, from: usize, to: usize, sign: char) -> bool {
        let is_numbering = self.numbering.as_ref().is_some_and(|it| it.1.contains(&from));
        let marked = self.marks.iter().any(|it| {
            (from..to).contains(&it.from)
                && match it.tag {
                    Tag::Part(_) | Tag::Episode(_) => is_numbering,
                    // "(Limited Edition)" begins with its mark; "(We Call It Max)" does not.
                    Tag::Term(..) => it.from == from || it.is_anchor(),
                    Tag::Year(_) => it.from == from && it.to == to || self.year_is_set_off(it.from),
                    _ => true,
                }
        });
        if marked || is_numbering {
            return true;
        }
        // "The Office (US)", "Kill Bill (Volume 1)" keep theirs; "Léon (The Professional) (1994)" has a second title.
        if lexicon::is_country(self.name.word(from)) && to == from + 1 {
            return false;
        }
        // "Birdman or (The Unexpected Virtue of Ignorance)": the title would end in the middle of a sentence.
        if sign == '(' && from > 0 && lexicon::JOINING_WORDS.contains(&self.name.word(from - 1)) {
            return false;
        }
        sign != '('
            || (!self.is_episode()
                && self
                    .marks
                    .iter()
                    .any(|it| it.from >= to && (matches!(it.tag, Tag::Year(_)) || it.is_anchor()))
                && to - from > 1)
    }

    fn choose_title(&mut self, start: usize, boundary: usize) {
        let mut end = boundary;
        self.year = self.choose_year(start, boundary);
        if let Some((_, at)) = self.year {
            if at > start {
                end = end.min(at);
            } else if at == start {
                self.title.start = at + 1;
            }
        }
        let ends_at_year = self.year.is_some_and(|it| it.1 == end);
        let from = self.title.start;
        end = self.retract(from, end, ends_at_year);
        // "Title (Something) (2001)": the year was beyond the bracket that ended the title.
        let ends_before_year = |it: &Bracket| self.year.is_some_and(|year| year.1 >= it.to);
        if let Some(bracket) = self.name.bracket(end).filter(|it| {
            it.from == end && (it.sign == '(' || it.sign == '[' && ends_before_year(it))
        }) && !self.marks.iter().any(|it| (bracket.from..bracket.to).contains(&it.from))
        {
            self.alternative = bracket.from..bracket.to;
        }
        let aka = self
            .marks
            .iter()
            .find(|it| it.tag == Tag::Aka && it.from > from && it.from <= end)
            .copied();
        if let Some(aka) = aka {
            let to = self.after_aka(aka.to, boundary);
            self.alternative = aka.to..to;
            end = aka.from;
        }
        self.title.end = end.max(from);
        self.cut = end.max(from);
        if self.alternative.is_empty()
            && ends_at_year
            && !self.is_episode()
            && let Some(second) = self.second_script()
        {
            self.alternative = second..self.title.end;
            self.title.end = second;
        }
    }

    /// "霸王别姬.Farewell.My.Concubine.1993": where, in a name without spaces, the title in letters follows the one in
    /// ideographs, or the other way round.
    fn second_script(&self) -> Option<usize> {
        let is_ideographic = |i: usize| {
            let first = self.name.raw(i).chars().next();
            first.and_then(signs::script) == Some(Script::Ideographs)
        };
        let Range { start, end } = self.title;
        if start >= end || is_ideographic(start) == is_ideographic(end - 1) {
            return None;
        }
        let second = (start + 1..end).find(|it| is_ideographic(*it) != is_ideographic(start))?;
        let is_one_change = (second..end).all(|it| is_ideographic(it) == is_ideographic(second));
        let is_word = |i: usize| is_ideographic(i) || self.name.word(i).len() > 2;
        let is_dotted = self.name.gap(second) == Gap::Dot && !self.name.text.contains(' ');
        (is_one_change && is_dotted && (second..end).any(is_word) && (start..second).any(is_word))
            .then_some(second)
    }

    fn after_aka(&self, from: usize, boundary: usize) -> usize {
        let stop = self
            .marks
            .iter()
            .find(|it| it.from > from && (it.is_anchor() || matches!(it.tag, Tag::Year(_))));
        let bracket = self.name.brackets().iter().find(|it| it.from > from).map(|it| it.from);
        let end = if boundary > from { boundary } else { self.name.len() };
        [stop.map(|it| it.from), bracket, Some(end)]
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(end)
            .max(from)
    }

    fn numbers_end(&self) -> usize {
        let numbering = self.numbering.as_ref().map_or(0, |it| it.1.end);
        let date = self.date.as_ref().map_or(0, |it| it.1.end);
        numbering.max(date)
    }

    /// Keeps the marks that are facts and drops those that turned out to be words of a title.
    fn drop_words_of_titles(&mut self) {
        let (title, alternative, episode_title) =
            (self.title.clone(), self.alternative.clone(), self.episode_title.clone());
        let leading = self
            .leading_bracket
            .and_then(|it| self.name.brackets().get(it))
            .map_or(0..0, |it| it.from..it.to);
        let keeps_disc_part = |mark: &Mark| matches!(mark.tag, Tag::Id(_) | Tag::EditionText);
        self.marks.retain(|it| {
            keeps_disc_part(it)
                || ![&title, &alternative, &episode_title, &leading]
                    .iter()
                    .any(|range| range.contains(&it.from))
        });
    }
}
