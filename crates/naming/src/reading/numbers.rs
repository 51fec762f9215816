//! Which of the numbers count seasons, episodes and days.

use std::ops::Range;

use super::Reading;
use crate::{
    Hint,
    lexicon::Term,
    name::{Bracket, Gap},
    recognise::{Mark, Numbering, Style, Tag, trailing_number},
};

/// From here on a number behind a dash is rather a year, also one to come, than an episode.
const FIRST_YEAR_NUMBER: u16 = 1880;

impl Reading<'_> {
    pub(super) fn find_numbers(&mut self, start: usize, hint: Hint, is_folder: bool) {
        let year_follows = |mark: &Mark| {
            self.marks.iter().any(|it| it.from >= mark.to && matches!(it.tag, Tag::Year(_)))
        };
        let accepted = |mark: &&Mark| match mark.tag {
            Tag::Episode(numbers) => match numbers.style {
                Style::Full => true,
                // "Season 1 [2002]" says when the season began, "Episode 50 (2011)" is a film.
                Style::Season if is_folder && mark.from == 0 => hint != Hint::Movies,
                Style::Season | Style::Episode => {
                    hint == Hint::Shows || (hint == Hint::Any && !year_follows(mark))
                }
                Style::Special => hint == Hint::Shows || self.leading_bracket.is_some(),
                Style::Series => {
                    hint == Hint::Shows || (hint == Hint::Any && mark.to == mark.from + 1)
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
        if let (None, Some(date)) = (chosen, date) {
            if hint != Hint::Movies {
                self.date = Some(date);
            }
            return;
        }
        let Some(mark) = chosen else {
            self.numbering = match (hint, self.leading_bracket, is_folder) {
                (Hint::Movies, ..) | (_, None, true) => None,
                (Hint::Shows, _, false) | (Hint::Any, Some(_), false) => self.bare_number(start),
                (_, Some(_), true) => self.dashed_number(start),
                (Hint::Any, None, false) => {
                    self.dashed_number(start).or_else(|| self.broadcast_number(start))
                }
            };
            return;
        };
        let Tag::Episode(mut numbers) = mark.tag else { return };
        let mut tokens = mark.from..mark.to;
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
            } else if numbers.season_end.is_none()
                && let Some((i, to, found)) =
                    trailing_number(&self.name, mark.to, self.first_fact(mark.to))
                && matches!(
                    self.name.gap(i),
                    Gap::Dash | Gap::Hyphen | Gap::Space | Gap::Underscore
                )
                && !self.is_year(i)
                && (self.leading_bracket.is_some()
                    || i == mark.to && (self.name.gap(i) == Gap::Dash || hint == Hint::Shows))
            {
                numbers = Numbering { season: numbers.season, ..found };
                numbers.style = Style::Full;
                tokens.end = to;
            }
        }
        self.numbering = Some((numbers, tokens));
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

    /// "Title - 012", "Title - 12 - Name" where nothing else tells a series from a film: such a film would have its year.
    fn dashed_number(&self, start: usize) -> Option<(Numbering, Range<usize>)> {
        let has_year = self.marks.iter().any(|it| matches!(it.tag, Tag::Year(_)));
        let end = self.first_fact(start);
        let (i, to, numbers) = trailing_number(&self.name, start, end).filter(|_| !has_year)?;
        let is_set_off = i > start
            && self.name.gap(i) == Gap::Dash
            && (to == end || self.name.gap(to) == Gap::Dash);
        let is_count = self.name.word(i).len() >= 2 && numbers.episode < Some(FIRST_YEAR_NUMBER);
        (is_set_off && is_count).then_some((numbers, i..to))
    }

    /// "Show.105.720p.HDTV": season and episode in one, right before the facts of a recording off the air.
    fn broadcast_number(&self, start: usize) -> Option<(Numbering, Range<usize>)> {
        let is_off_air = self.marks.iter().any(|it| {
            matches!(it.tag, Tag::Term(Term::Source("HDTV" | "PDTV" | "SDTV" | "SATRip"), _))
        });
        let has_year = self.marks.iter().any(|it| matches!(it.tag, Tag::Year(_)));
        let end = self.first_fact(start);
        let i = end.checked_sub(1).filter(|it| *it > start && is_off_air && !has_year)?;
        let is_joint = self.name.word(i).len() == 3
            && self.name.number(i).is_some_and(|it| it >= 100 && (1..=40).contains(&(it % 100)));
        let (i, to, numbers) = trailing_number(&self.name, i, end).filter(|_| is_joint)?;
        Some((numbers, i..to))
    }

    fn is_number_bracket(&self, from: usize, to: usize) -> bool {
        to - from <= 2
            && self.name.word(from).len() <= 5
            && self.name.number(from).is_none_or(|it| it < 1880)
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
