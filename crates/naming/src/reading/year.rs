//! Which of the numbers that read as a year is the year.

use super::Reading;
use crate::{
    lexicon,
    name::Gap,
    recognise::{FIRST_BROADCAST, Mark, Tag},
};

impl Reading<'_> {
    /// The year among all numbers that read as one.
    pub(super) fn choose_year(&self, start: usize, boundary: usize) -> Option<(u16, usize)> {
        // "(2008-2013)" began in the first of the two.
        let ends_span =
            |at: usize| at > 0 && self.name.gap(at) == Gap::Hyphen && self.is_span_of_years(at - 1);
        let years = || {
            self.marks.iter().filter_map(move |it| match it.tag {
                Tag::Year(year) if !ends_span(it.from) || !self.year_is_set_off(it.from) => {
                    Some((year, it.from))
                }
                _ => None,
            })
        };
        let is_set_off = |at: usize| {
            self.year_is_set_off(at) && self.name.bracket(at).is_some_and(|it| it.to - it.from <= 2)
        };
        if self.is_episode() {
            let years =
                || years().filter(|it| it.0 >= FIRST_BROADCAST && !self.ends_title_of(it.1));
            // Before the numbers only a year directly in front of them, or in brackets; behind them one before the facts.
            let before = years().rfind(|it| it.1 > start && it.1 < boundary.max(start));
            let adjacent = before.filter(|it| it.1 + 1 == boundary || is_set_off(it.1));
            let numbers_end = self.numbers_end();
            let at_boundary =
                years().find(|it| it.1 >= boundary && it.1 < numbers_end && is_set_off(it.1));
            let behind = || {
                // "S01E02 - 1984 [720p]" is called that.
                let is_field = |at: usize| self.name.gap(at) == Gap::Dash;
                years().find(|it| {
                    it.1 >= numbers_end
                        && !is_field(it.1)
                        && (is_set_off(it.1)
                            || self
                                .marks
                                .iter()
                                .any(|mark| mark.from == it.1 + 1 && self.is_release_fact(mark)))
                })
            };
            return adjacent.or(at_boundary).or_else(behind);
        }
        let set_off = years().filter(|it| is_set_off(it.1));
        let first_anchor = self
            .marks
            .iter()
            .find(|it| it.is_anchor() && it.from > start)
            .map_or(self.name.len(), |it| it.from);
        let before_facts = set_off.clone().rfind(|it| it.1 < first_anchor);
        let leading = |it: &(u16, usize)| it.1 == start;
        let is_of_title = |at: usize| self.ends_title_of(at) || self.follows_joining_word(at);
        let bare = || {
            years().rfind(|it| {
                it.1 > start
                    && it.1 <= boundary
                    && !self.is_span_of_years(it.1)
                    && !is_of_title(it.1)
            })
        };
        let leads_title = || {
            years().filter(leading).find(|it| {
                let behind = it.1 + 1;
                let is_title = lexicon::YEAR_TITLES.contains(&self.name.phrase(it.1, 2));
                behind < boundary
                    && (self.name.gap(behind) == Gap::Dash
                        || (!is_title && self.name.gap(behind) != Gap::Hyphen))
            })
        };
        let behind = || years().find(|it| it.1 >= boundary && it.1 > start);
        // "2020 - Berlin 1945" is sorted by its year; "2001 - A Space Odyssey 1968" is called so.
        let leads_sorted = || {
            let is_title = lexicon::YEAR_TITLES.contains(&self.name.phrase(start, 2));
            // "1917 - 2019" ends in its year.
            let is_year = self.name.number(start + 1).is_some() && start + 2 >= boundary;
            let is_set_off = self.name.gap(start + 1) == Gap::Dash && start + 1 < boundary;
            years().filter(leading).find(|_| is_set_off && !is_title && !is_year)
        };
        before_facts
            .or_else(leads_sorted)
            .or_else(bare)
            .or_else(|| set_off.clone().next())
            .or_else(behind)
            .or_else(leads_title)
    }

    /// "Space 1999", "Class of 1984": the number at `i` belongs to a known title.
    pub(super) fn ends_title_of(&self, i: usize) -> bool {
        (2..=4).filter_map(|n| (i + 1).checked_sub(n).map(|from| (from, n))).any(|(from, n)| {
            self.name.bracket(i).is_none()
                && lexicon::ENDS_IN_YEAR.contains(&self.name.phrase(from, n))
        })
    }

    /// Whether `mark` can be no word of a title where it stands.
    fn is_release_fact(&self, mark: &Mark) -> bool {
        mark.is_anchor() || matches!(mark.tag, Tag::Term(..)) && self.name.is_shouted(mark.from)
    }

    /// "Summer of 1985": no title ends before the number at `i`.
    fn follows_joining_word(&self, i: usize) -> bool {
        i > 0 && self.name.bracket(i).is_none() && self.name.word(i - 1) == "of"
    }

    /// "1914-1918" in a title.
    pub(super) fn is_span_of_years(&self, i: usize) -> bool {
        let is_year = |i: usize| self.name.number(i).is_some_and(|it| (1000..2100).contains(&it));
        (self.name.gap(i + 1) == Gap::Hyphen && is_year(i + 1))
            || (i > 0 && self.name.gap(i) == Gap::Hyphen && is_year(i - 1))
    }

    /// Whether the year at `i` stands at the edge of a bracket.
    pub fn year_is_set_off(&self, i: usize) -> bool {
        self.name.bracket(i).is_some_and(|it| it.from == i || it.to == i + 1)
    }
}
