//! Which of the numbers count seasons, episodes and days.

use std::ops::Range;

use super::Reading;
use crate::{
    Hint,
    lexicon::{EPISODE_WORDS, Term},
    name::{Bracket, Gap},
    recognise::{Date, Mark, Numbering, Style, Tag, trailing_number},
};

/// From here on a number behind a dash is rather a year, also one to come, than an episode.
const FIRST_YEAR_NUMBER: u16 = 1880;

/// `e1250`, `ep05`: what no title of a film contains.
fn is_episode_code(word: &str) -> bool {
    let number = word.strip_prefix("ep").or_else(|| word.strip_prefix('e'));
    number.is_some_and(|it| it.len() >= 2 && it.bytes().all(|it| it.is_ascii_digit()))
}

impl Reading<'_> {
    pub(super) fn find_numbers(&mut self, start: usize, hint: Hint, is_folder: bool) {
        let is_year = |it: &Mark| matches!(it.tag, Tag::Year(_));
        let year_follows = |mark: &Mark| {
            self.marks.iter().any(|it| (it.from >= mark.to || it.from < start) && is_year(it))
        };
        let has_year = self.marks.iter().any(is_year);
        let one_of_many = |mark: &Mark, numbers: Numbering| {
            // "1of11" counts episodes; "Film (2010) (1 of 2)" has two parts.
            let is_of_film = has_year && numbers.of <= Some(3);
            let is_set_off = self.name.gap(mark.from) == Gap::Dash
                || self.name.gap(mark.to) == Gap::Dash
                || self.name.bracket(mark.from).is_some_and(|it| it.from == mark.from)
                || self.name.number(mark.from).is_none();
            !is_of_film && (mark.to == mark.from + 1 || numbers.of >= Some(3) && is_set_off)
        };
        let accepted = |mark: &&Mark| match mark.tag {
            Tag::Episode(numbers) => match numbers.style {
                Style::Full => true,
                // "Season 1 [2002]" says when the season began, "Episode 50 (2011)" is a film.
                Style::Season if is_folder && mark.from == 0 => hint != Hint::Movies,
                Style::Season | Style::Episode => {
                    hint == Hint::Shows
                        || hint == Hint::Any
                            && (!year_follows(mark) || is_episode_code(self.name.word(mark.from)))
                }
                Style::Special => hint == Hint::Shows || self.leading_bracket.is_some(),
                Style::Series => {
                    hint == Hint::Shows
                        || hint == Hint::Any
                            && if numbers.of.is_some() {
                                one_of_many(mark, numbers)
                            } else {
                                // "BBC.Life.2009.Part.05.Birds": no film has so many.
                                !has_year || numbers.episode > Some(2)
                            }
                }
                Style::Number => false,
            },
            _ => false,
        };
        let full = self
            .marks
            .iter()
            .filter(accepted)
            .find(|it| matches!(it.tag, Tag::Episode(n) if n.style == Style::Full));
        let chosen = full.or_else(|| self.marks.iter().find(accepted)).copied();
        let date = self.marks.iter().find_map(|it| match it.tag {
            Tag::Date(date) => Some((date, it.from..it.to)),
            _ => None,
        });
        // "2021-03-15 - Episode 5": the day comes first and has the word.
        let is_behind = |date: &(Date, Range<usize>)| {
            chosen.is_none_or(|it| {
                it.from >= date.1.end
                    && !matches!(it.tag, Tag::Episode(n) if n.style == Style::Full)
            })
        };
        if let Some(date) = date.clone().filter(is_behind) {
            if hint != Hint::Movies {
                self.date = Some(date);
            }
            return;
        }
        // "02 - Episode 5", "02 - The End, Part 1": the number that leads a file counts it.
        let is_weak = |it: &Mark| {
            it.from > start && !matches!(it.tag, Tag::Episode(n) if n.style == Style::Full)
        };
        if hint == Hint::Shows
            && !is_folder
            && chosen.is_some_and(|it| is_weak(&it))
            && let Some(found) = self.bare_number(start)
            && found.1.start == start
            && found.1.end < self.name.len()
            && matches!(self.name.gap(found.1.end), Gap::Dash | Gap::Dot)
        {
            self.numbering = Some(found);
            return;
        }
        // "[Group] Title - 05 - Episode 8": the number between dashes counts.
        if hint != Hint::Movies
            && self.leading_bracket.is_some()
            && let Some(found) =
                chosen.filter(is_weak).and_then(|it| self.number_before(start, &it))
        {
            self.numbering = Some(found);
            return;
        }
        let Some(mark) = chosen else {
            self.numbering = match (hint, self.leading_bracket, is_folder) {
                (Hint::Movies, ..) | (_, None, true) => None,
                (Hint::Shows, _, false) | (Hint::Any, Some(_), false) => self.bare_number(start),
                (_, Some(_), true) => self.dashed_number(start),
                (Hint::Any, None, false) => self
                    .dashed_number(start)
                    .or_else(|| self.broadcast_number(start))
                    .or_else(|| self.padded_number(start)),
            };
            return;
        };
        let Tag::Episode(mut numbers) = mark.tag else { return };
        let mut tokens = mark.from..mark.to;
        if numbers.style == Style::Full {
            self.find_beside(start, &mut numbers, &mut tokens);
        }
        if numbers.style == Style::Season {
            // "Show Season 2 - Episode 5", "Show S2 - 05": the episode stands further on.
            let later = self.marks.iter().find_map(|it| match it.tag {
                Tag::Episode(n) if it.from >= mark.to && n.style == Style::Episode => {
                    Some((n, it.to))
                }
                _ => None,
            });
            if let Some((later, to)) = later {
                numbers = Numbering { season: numbers.season, style: Style::Full, ..later };
                tokens.end = to;
                self.find_beside(start, &mut numbers, &mut tokens);
            } else if numbers.season_end.is_none()
                && let Some((i, to, found)) =
                    trailing_number(&self.name, mark.to, self.first_fact(mark.to))
                && matches!(
                    self.name.gap(i),
                    Gap::Dash | Gap::Hyphen | Gap::Space | Gap::Underscore
                )
                && !self.is_year(i)
                && (self.leading_bracket.is_some()
                    || i == mark.to
                        && (self.name.gap(i) == Gap::Dash
                            || hint == Hint::Shows
                            || self.name.word(i).starts_with('0')))
            {
                numbers = Numbering { season: numbers.season, ..found };
                numbers.style = Style::Full;
                tokens.end = to;
            }
        }
        // "15x02 - 2010.07.04", "E05.170107": the day of that episode.
        self.date = date.filter(|it| it.1.start == tokens.end || it.1.end == tokens.start);
        self.numbering = Some((numbers, tokens));
    }

    /// The bare number between dashes right before `mark`.
    fn number_before(&self, start: usize, mark: &Mark) -> Option<(Numbering, Range<usize>)> {
        let i = mark.from.checked_sub(1).filter(|it| *it > start)?;
        let is_between = self.name.gap(i) == Gap::Dash && self.name.gap(mark.from) == Gap::Dash;
        let is_count = self.name.word(i).len() >= 2 && !self.is_year(i);
        let (i, to, numbers) = trailing_number(&self.name, i, mark.from)?;
        (is_between && is_count).then_some((numbers, i..to))
    }

    /// A number that counts episodes without saying so: "Title - 012", "[01]".
    fn bare_number(&self, start: usize) -> Option<(Numbering, Range<usize>)> {
        let alone =
            self.name.brackets().iter().find(|it| {
                it.from > start && it.sign == '[' && self.is_number_bracket(it.from, it.to)
            });
        if let Some((from, to)) = alone.map(|it| (it.from, it.to))
            && let Some((_, _, numbers)) = trailing_number(&self.name, from, to)
        {
            return Some((numbers, from..to));
        }
        let (i, to, numbers) = trailing_number(&self.name, start, self.first_fact(start))?;
        // "[Group] Title - Movie 2" is a film.
        let is_of_film = i > start && matches!(self.name.word(i - 1), "movie" | "film");
        (!self.is_year(i) && !is_of_film).then_some((numbers, i..to))
    }

    fn is_year(&self, i: usize) -> bool {
        self.marks.iter().any(|it| it.from == i && matches!(it.tag, Tag::Year(_)))
    }

    /// What a full number has around it: the season again in front of it, the number through all seasons on either side.
    fn find_beside(&self, start: usize, numbers: &mut Numbering, tokens: &mut Range<usize>) {
        // "Show - Season 2 [S02E05]"
        let season = self.marks.iter().find(|it| {
            it.from > start
                && it.to <= tokens.start
                && matches!(it.tag, Tag::Episode(n) if n.style == Style::Season
                    && n.season_end.is_none()
                    && n.season == numbers.season)
        });
        let name = &self.name;
        let count = |i: usize| {
            let is_count = name.word(i).len() >= 2 && !self.is_year(i);
            name.number(i).filter(|it| is_count && *it < 2_000).map(|it| it as u16)
        };
        let is_alone = |i: usize| name.bracket(i).is_some_and(|it| it.from == i && it.to == i + 1);
        let behind = tokens.end;
        let is_field = || {
            name.gap(behind) == Gap::Dash
                && (name.gap(behind + 1) == Gap::Dash
                    || name.word(behind).starts_with('0')
                        && (behind + 1 == name.len() || name.bracket(behind + 1).is_some()))
        };
        if let Some(number) = count(behind).filter(|_| is_alone(behind) || is_field()) {
            // "S01E02 - 014 - Name", "S01E02 (14) - Name"
            numbers.absolute = Some(number);
            tokens.end += 1;
        } else if let (Some(first), Some(last)) = (count(behind), count(behind + 1))
            && last > first
            && name.gap(behind) == Gap::Dash
            && name.gap(behind + 1) == Gap::Hyphen
            && numbers.episode_end.is_some()
        {
            // "S01E01-E03 - 001-003 - Name"
            (numbers.absolute, numbers.absolute_end) = (Some(first), Some(last));
            tokens.end += 2;
        } else if let Some(before) = tokens.start.checked_sub(1).filter(|it| *it > start)
            && let Some(number) = count(before)
            && name.gap(before) == Gap::Dash
            && name.bracket(tokens.start).is_some_and(|it| it.from == tokens.start)
        {
            // "Show - 10 (S02E10)"
            numbers.absolute = Some(number);
            tokens.start = before;
        }
        if let Some(season) = season {
            tokens.start = season.from;
        }
        // "Show - Episode 1x01"
        if let Some(before) = tokens.start.checked_sub(1).filter(|it| *it > start)
            && name.gap(before) == Gap::Dash
            && matches!(name.gap(before + 1), Gap::Space | Gap::Dot)
            && EPISODE_WORDS.contains(&name.word(before))
        {
            tokens.start = before;
        }
    }

    /// "Title - 012", "Title - 12 - Name" where nothing else tells a series from a film: such a film would have its year.
    fn dashed_number(&self, start: usize) -> Option<(Numbering, Range<usize>)> {
        let end = self.first_fact(start);
        let (i, to, numbers) = trailing_number(&self.name, start, end)?;
        // "Hunter x Hunter (2011) - 001" has its year in front.
        let has_year = self.marks.iter().any(|it| it.from >= i && matches!(it.tag, Tag::Year(_)));
        let follows_year = self.marks.iter().any(|it| matches!(it.tag, Tag::Year(_)));
        let is_marked = self.marks.iter().any(|it| it.from == i);
        // "2006 - 300" is a film, sorted by its year.
        let is_sorted =
            i == start + 1 && self.is_year(start) && !self.name.word(i).starts_with('0');
        if has_year || is_marked || is_sorted || follows_year && to < end {
            return None;
        }
        let is_set_off = i > start
            && self.name.gap(i) == Gap::Dash
            && (to == end || self.name.gap(to) == Gap::Dash);
        let is_count = self.name.word(i).len() >= 2 && numbers.episode < Some(FIRST_YEAR_NUMBER);
        (is_set_off && is_count).then_some((numbers, i..to))
    }

    /// "Title 045", "Title 05 - Name": nothing but a count has a zero in front.
    fn padded_number(&self, start: usize) -> Option<(Numbering, Range<usize>)> {
        let has_year = self.marks.iter().any(|it| matches!(it.tag, Tag::Year(_)));
        let facts = self.first_fact(start);
        let is_before_dash =
            |i: &usize| self.name.gap(i + 1) == Gap::Dash && self.name.word(*i).starts_with('0');
        let end = (start + 1..facts).find(is_before_dash).map_or(facts, |it| it + 1);
        let i = end.checked_sub(1).filter(|it| *it > start && !has_year)?;
        let word = self.name.word(i);
        let is_padded = (2..=4).contains(&word.len())
            && word.starts_with('0')
            && !matches!(word, "007" | "00")
            && self.name.number(i).is_some();
        let (i, to, numbers) = trailing_number(&self.name, i, end).filter(|_| is_padded)?;
        Some((numbers, i..to))
    }

    /// "Show.105.720p.HDTV": season and episode in one, right before the facts of a recording off the air.
    fn broadcast_number(&self, start: usize) -> Option<(Numbering, Range<usize>)> {
        let is_off_air = self.marks.iter().any(|it| {
            matches!(it.tag, Tag::Term(Term::Source("HDTV" | "PDTV" | "SDTV" | "SATRip"), _))
        });
        let has_year = self.marks.iter().any(|it| matches!(it.tag, Tag::Year(_)));
        let end = self.first_fact(start);
        let i = end.checked_sub(1).filter(|it| *it > start && is_off_air && !has_year)?;
        // A number of four digits is rather a year.
        let is_joint = (3..=4).contains(&self.name.word(i).len())
            && self.name.number(i).is_some_and(|it| {
                (100..u32::from(FIRST_YEAR_NUMBER)).contains(&it) && (1..=40).contains(&(it % 100))
            });
        let (i, to, numbers) = trailing_number(&self.name, i, end).filter(|_| is_joint)?;
        Some((numbers, i..to))
    }

    fn is_number_bracket(&self, from: usize, to: usize) -> bool {
        to - from <= 2
            && self.name.word(from).len() <= 5
            && self.name.number(from).is_none_or(|it| it < 1880)
            && !self.marks.iter().any(|it| it.from == from && matches!(it.tag, Tag::Term(..)))
            && matches!(trailing_number(&self.name, from, to), Some((i, _, _)) if i == from)
    }

    /// First token at or behind `from` that can only be a release fact, or stands in a bracket.
    fn first_fact(&self, from: usize) -> usize {
        let anchor = self
            .marks
            .iter()
            .find(|it| it.from >= from && it.is_anchor() && !matches!(it.tag, Tag::Episode(_)))
            .map(|it| it.from);
        // "Title (2019) - 05", "Title (TV) - 05": what tells series apart is passed over.
        let tells_apart = |it: &Bracket| {
            let is_plain = !self.marks.iter().any(|mark| (it.from..it.to).contains(&mark.from));
            it.to == it.from + 1
                && (self.is_year(it.from)
                    || it.sign == '(' && is_plain && self.name.gap(it.to) == Gap::Dash)
        };
        let bracket = self
            .name
            .brackets()
            .iter()
            .find(|it| it.from > from && it.sign != '{' && !tells_apart(it))
            .map(|it| it.from);
        [anchor, bracket].into_iter().flatten().min().unwrap_or(self.name.len())
    }
}
