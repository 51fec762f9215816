//! Which of the numbers that read as a year is the year.

use super::Reading;
use crate::{
    lexicon,
    name::Gap,
    recognise::{FIRST_BROADCAST, Tag},
};

impl Reading<'_> {
    /// The year among all numbers that read as one.
    pub(super) fn choose_year(&self, start: usize, boundary: usize) -> Option<(u16, usize)> {
        let years = || {
            self.marks.iter().filter_map(|it| match it.tag {
                Tag::Year(year) => Some((year, it.from)),
                _ => None,
            })
        };
        let is_set_off = |at: usize| {
            self.year_is_set_off(at) && self.name.bracket(at).is_some_and(|it| it.to - it.from <= 2)
        };
        if self.is_episode() {
            let years = || years().filter(|it| it.0 >= FIRST_BROADCAST);
            // Before the numbers only a year directly in front of them, or in brackets; behind them one before the facts.
            let before = years().rfind(|it| it.1 > start && it.1 < boundary.max(start));
            let adjacent = before.filter(|it| it.1 + 1 == boundary || is_set_off(it.1));
            let numbers_end = self.numbers_end();
            let at_boundary =
                years().find(|it| it.1 >= boundary && it.1 < numbers_end && is_set_off(it.1));
            let behind = || {
                years().find(|it| {
                    it.1 >= numbers_end
                        && (is_set_off(it.1)
                            || self
                                .marks
                                .iter()
                                .any(|mark| mark.from == it.1 + 1 && mark.is_anchor()))
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
        let bare =
            || years().rfind(|it| it.1 > start && it.1 <= boundary && !self.is_span_of_years(it.1));
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
        before_facts
            .or_else(bare)
            .or_else(|| set_off.clone().next())
            .or_else(behind)
            .or_else(leads_title)
    }

    /// "1914-1918" in a title.
    pub(super) fn is_span_of_years(&self, i: usize) -> bool {
        let is_year = |i: usize| self.name.number(i).is_some_and(|it| (1000..2100).contains(&it));
        (self.name.gap(i + 1) == Gap::Hyphen && is_year(i + 1))
            || (i > 0 && self.name.gap(i) == Gap::Hyphen && is_year(i - 1))
    }

    pub(super) fn year_is_set_off(&self, i: usize) -> bool {
        self.name.bracket(i).is_some_and(|it| it.from == i || it.to == i + 1)
    }
}
