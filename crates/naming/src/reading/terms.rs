//! Terms at the end of a title: release facts, or words of the title after all.

use super::Reading;
use crate::{
    lexicon::{self, Term, Trust},
    name::Gap,
    recognise::{Mark, Tag},
};

impl Reading<'_> {
    /// Moves the end of a title back over the terms that lead up to it ("Title EXTENDED 1080p").
    pub(super) fn retract(&self, from: usize, mut end: usize, ends_at_year: bool) -> usize {
        let at_numbers = self.numbering.as_ref().is_some_and(|it| it.1.start == end)
            || self.date.as_ref().is_some_and(|it| it.1.start == end);
        if at_numbers {
            return self.without_pack(from, end);
        }
        if end >= self.name.len()
            && !self.marks.iter().any(|it| it.from == end)
            && self.marks.iter().all(|it| !it.is_anchor())
        {
            return self.retract_at_end(from, end);
        }
        let boundary = end;
        for mark in self.marks.iter().rev().skip_while(|it| it.to > boundary) {
            if mark.to != end || mark.from <= from {
                break;
            }
            let is_only_article =
                mark.from == from + 1 && matches!(self.name.word(from), "the" | "a" | "an");
            let year_leads = from > 0
                && self.marks.iter().any(|it| it.to == from && matches!(it.tag, Tag::Year(_)));
            let ends_at_year = ends_at_year || year_leads;
            let shouted =
                self.name.is_shouted(mark.from) && !self.name.is_all_capitals(from, mark.from);
            let drops = match mark.tag {
                _ if self.is_degree(mark) => false,
                Tag::Term(Term::Edition(_), Trust::Edition) => !is_only_article,
                Tag::Term(Term::Language(tag), _) => {
                    shouted
                        || (!ends_at_year
                            && tag != "en"
                            && self.name.word(mark.from).len() > 3
                            && (mark.from > from + 1 || mark.to > mark.from + 1))
                }
                // "Film.3D.2008.1080p.Half-SBS": its kind is told again behind the year.
                Tag::Term(Term::ThreeD(_), _) => {
                    !ends_at_year
                        || self.marks.iter().any(|it| {
                            it.from > mark.from && matches!(it.tag, Tag::Term(Term::ThreeD(_), _))
                        })
                }
                Tag::Sample => !ends_at_year && !is_only_article,
                Tag::Version => !ends_at_year,
                Tag::Term(..) => {
                    shouted
                        || (!ends_at_year
                            && self.is_lowercase(mark.from)
                            && self.is_lowercase(from))
                }
                Tag::Part(_) => {
                    self.is_disc_part(mark)
                        || !ends_at_year
                            && self.name.raw(mark.from).starts_with(['p', 'P'])
                            && mark.to == mark.from + 1
                }
                _ => false,
            };
            if !drops {
                break;
            }
            end = mark.from;
        }
        end
    }

    /// "Show Complete Series S01-S05": what a pack is called is not the series' name.
    fn without_pack(&self, from: usize, end: usize) -> usize {
        let is_pack = self.numbering.as_ref().is_some_and(|it| it.0.season_end.is_some());
        if is_pack && end > from + 1 && self.name.word(end - 1) == "complete" {
            return end - 1;
        }
        self.without_whole(from, end)
    }

    /// "Show - The Complete Series"
    fn without_whole(&self, from: usize, end: usize) -> usize {
        let is_named = |n: usize| {
            let phrase = end.checked_sub(n).map_or("", |it| self.name.phrase(it, n));
            matches!(phrase, "complete series" | "the complete series")
        };
        end - [3, 2].into_iter().find(|it| end > from + it && is_named(*it)).unwrap_or(0)
    }

    /// A name without any release fact: only an edition, a part or a 3D mark set off by a dash or bracket leaves the title.
    pub(super) fn retract_at_end(&self, from: usize, end: usize) -> usize {
        let mut end = self.without_whole(from, end);
        for mark in self.marks.iter().rev() {
            if mark.to != end || mark.from <= from {
                break;
            }
            let set_off = self.name.gap(mark.from) == Gap::Dash;
            let drops = match mark.tag {
                _ if self.is_degree(mark) => false,
                Tag::Sample if mark.from == from + 1 && self.name.word(from) == "the" => false,
                Tag::Term(Term::Edition(_), Trust::Edition) => {
                    set_off || mark.to > mark.from + 1 && mark.from > from + 1
                }
                Tag::Term(..) => {
                    set_off
                        || self.name.is_shouted(mark.from)
                            && !self.name.is_all_capitals(from, mark.from)
                            && !matches!(mark.tag, Tag::Term(Term::ThreeD(_), _))
                }
                Tag::Part(_) => self.is_disc_part(mark) || self.is_tight_part(mark),
                Tag::Sample => true,
                Tag::Version => set_off,
                _ => false,
            };
            if !drops {
                break;
            }
            end = mark.from;
        }
        end
    }

    /// "House MD": a doctor, where a release says how its sound was dubbed.
    fn is_degree(&self, mark: &Mark) -> bool {
        matches!(mark.tag, Tag::Term(Term::Noise, _))
            && self.name.phrase(mark.from, mark.to - mark.from) == "md"
    }

    pub(super) fn is_lowercase(&self, i: usize) -> bool {
        !self.name.raw(i).chars().any(char::is_uppercase)
    }

    /// `cd1`, `disc 2`: never a word of a title.
    pub(super) fn is_disc_part(&self, mark: &Mark) -> bool {
        let word = self.name.word(mark.from);
        ["cd", "disc", "disk", "dvd"].iter().any(|it| word.starts_with(it))
    }

    /// `-part1`, `.pt2`, `_part1`: written as players want it, not as a title says it.
    pub(super) fn is_tight_part(&self, mark: &Mark) -> bool {
        let is_joined = mark.to == mark.from + 1;
        is_joined
            && matches!(
                self.name.gap(mark.from),
                Gap::Hyphen | Gap::Dot | Gap::Underscore | Gap::Dash | Gap::Space
            )
            || self.name.word(mark.from) == "pt"
            || self.name.gap(mark.from) == Gap::Dash && self.name.word(mark.to - 1).len() == 1
    }

    pub(super) fn choose_episode_title(&mut self) {
        if !self.is_episode() {
            return;
        }
        let from = self.numbers_end();
        let mut end = self.name.len();
        if let Some(anchor) = self
            .marks
            .iter()
            .find(|it| it.from >= from && it.is_anchor() && !matches!(it.tag, Tag::Episode(_)))
        {
            end = end.min(anchor.from);
        }
        let bracket = self.name.brackets().iter().find(|it| {
            it.from >= from
                && it.sign != '"'
                && (it.sign != '('
                    || self.marks.iter().any(|mark| {
                        (it.from..it.to).contains(&mark.from)
                            && !matches!(mark.tag, Tag::Part(_) | Tag::Episode(_))
                    }))
        });
        if let Some(bracket) = bracket {
            end = end.min(bracket.from);
        }
        if let Some((_, at)) = self.year.filter(|it| it.1 >= from) {
            end = end.min(at);
        }
        let ends_at_facts = end < self.name.len();
        let full_end = end;
        let ends_at_anchor = self.marks.iter().any(|it| it.from == end && it.is_anchor());
        // " - Uncut [1080p]": between a dash and a bracket or the end stands the title.
        let is_behind_dash = self.name.gap(from) == Gap::Dash;
        let is_field = is_behind_dash
            && (end == self.name.len() || self.name.bracket(end).is_some_and(|it| it.from == end));
        // " - Max WEBDL-1080p": so does it between a dash and the facts behind a space, but for a language.
        let is_loose_field = is_behind_dash && self.name.gap(end) == Gap::Space;
        for mark in self.marks.iter().rev().skip_while(|it| it.to > full_end) {
            if mark.to != end || mark.from < from {
                break;
            }
            let fills = self.is_filled(from, mark.from);
            let shouted = self.name.is_shouted(mark.from);
            let drops = match mark.tag {
                // "The Web", "The Final Cut"
                _ if mark.from > from && self.follows_article(mark.from) && !shouted => false,
                Tag::Term(term, _) if is_field && mark.from == from && mark.to == full_end => {
                    term == Term::Proper || shouted && matches!(term, Term::Language(_))
                }
                Tag::Term(term, _)
                    if is_loose_field && mark.from == from && mark.to == full_end =>
                {
                    term == Term::Proper
                        || matches!(term, Term::Language(language) if language != "mul")
                }
                // "Title.German.1080p", "Title Extended Cut 720p"
                Tag::Term(term, trust) if ends_at_anchor && mark.from > from => {
                    shouted
                        || fills
                        || self.is_lowercase(mark.from)
                        || trust == Trust::Edition
                        || matches!(term, Term::Proper | Term::Audio(_) | Term::ThreeD(_))
                        || matches!(term, Term::Language(tag) if tag != "en")
                        || matches!(self.name.raw(mark.from), "Internal")
                }
                Tag::Term(..) => {
                    shouted
                        || ends_at_facts
                            && (fills
                                || self.is_lowercase(mark.from)
                                || matches!(
                                    self.name.raw(mark.from),
                                    "Proper" | "Repack" | "Internal"
                                ))
                }
                Tag::Version => true,
                Tag::Sample => mark.from > from,
                _ => false,
            };
            if !drops {
                break;
            }
            end = mark.from;
        }
        self.episode_title = from..end.max(from);
        if self.episode_title.is_empty() {
            self.episode_title = 0..0;
        }
    }

    fn follows_article(&self, i: usize) -> bool {
        i > 0
            && (matches!(self.name.word(i - 1), "a" | "an" | "mr" | "mrs" | "ms" | "miss" | "dr")
                || lexicon::JOINING_WORDS.contains(&self.name.word(i - 1)))
    }

    /// Whether marks fill all of `from..to`.
    pub(super) fn is_filled(&self, from: usize, to: usize) -> bool {
        self.marks
            .iter()
            .filter(|it| it.from >= from && it.to <= to)
            .map(|it| it.to - it.from)
            .sum::<usize>()
            == to - from
    }
}
