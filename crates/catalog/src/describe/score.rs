//! Which of the things providers offer an item is: scored, and accepted only without doubt. Pure.
//!
//! A wrong match costs a person more than an open one: below a threshold, or with another thing close behind, nothing is
//! accepted and a person is asked.

#[cfg(test)]
mod tests;
mod title;

use metadata::Subject;
use metadata::provider::{FoundBy, Hit};
use serde::{Deserialize, Serialize};

/// A score from here on may be accepted.
const THRESHOLD: f32 = 0.80;
/// The best one must be ahead of the next other thing by so much.
const GAP: f32 = 0.06;
/// What the title is worth of the whole.
const TITLE: f32 = 0.70;
/// A title less alike than this is another title, whatever else fits.
const MIN_TITLE: f32 = 0.55;
/// A title less alike than this may be another: in a short one a letter makes another word.
const SURE_TITLE: f32 = 0.85;
/// How far two running times of one film may lie apart: cuts of countries, speed-up of television, end credits.
const CLOSE_RUNTIME: f64 = 0.04;
const FAR_RUNTIME: f64 = 0.25;
const CLOSE_RUNTIME_MS: i64 = 3 * 60_000;
const FAR_RUNTIME_MS: i64 = 20 * 60_000;

/// Lengths of one thing in two encodings differ by no more, or by that part of it: whole seconds, and a logo at the end.
const SAME_RUNTIME_MS: i64 = 5_000;
const SAME_RUNTIME_PART: i64 = 100;
/// What a person has to decide has no higher score.
const UNSURE: f32 = THRESHOLD - 0.01;

/// What is known of the item.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// A film or a series.
    pub subject: Subject,
    /// Its titles, the likeliest first.
    pub titles: Vec<&'a str>,
    /// Its year.
    pub year: Option<i32>,
    /// How long its file plays; nothing for a series.
    pub runtime_ms: Option<i64>,
    /// The most regular episodes that its files count in one run; nothing for a film.
    pub episode_count: Option<i32>,
}

/// A thing that an item may be, with what speaks for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    /// What the provider says of it.
    #[serde(flatten)]
    pub hit: Hit,
    /// 0 to 1.
    pub score: f32,
}

/// What came of scoring.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It is this one.
    Match(Box<Scored>),
    /// It may be any of these, the likeliest first.
    Doubt(Vec<Scored>),
}

/// Scores what one provider offers, and decides.
pub fn decide(wanted: &Wanted<'_>, hits: Vec<Hit>) -> Verdict {
    let scored = rank(wanted, hits);
    let Some(best) = scored.first() else { return Verdict::Doubt(scored) };
    match best.hit.found_by {
        FoundBy::Id | FoundBy::Path => return Verdict::Match(Box::new(best.clone())),
        FoundBy::Fingerprint => {
            // Of two that are as long, nobody but a person knows.
            let is_one = scored[1..].iter().all(|it| it.score < 1.0);
            if best.score >= 1.0 && is_one {
                return Verdict::Match(Box::new(best.clone()));
            }
            return Verdict::Doubt(scored);
        }
        FoundBy::Words => return Verdict::Doubt(scored),
        FoundBy::Title => {}
    }
    let is_close = |other: &&Scored| best.score - other.score < GAP && !is_same(best, other);
    if best.score >= THRESHOLD && !scored[1..].iter().any(|it| is_close(&it)) {
        return Verdict::Match(Box::new(best.clone()));
    }
    Verdict::Doubt(scored)
}

/// All of `hits` with their scores, the likeliest first: what was found by an id or by its folder before what is only called
/// alike, equals by how known they are.
pub fn rank(wanted: &Wanted<'_>, hits: Vec<Hit>) -> Vec<Scored> {
    let mut scored: Vec<Scored> = hits
        .into_iter()
        .map(|hit| {
            let score = match hit.found_by {
                FoundBy::Id | FoundBy::Path => 1.0,
                FoundBy::Fingerprint if is_as_long(wanted, &hit) => 1.0,
                FoundBy::Fingerprint => UNSURE,
                FoundBy::Words => score(wanted, &hit).min(UNSURE),
                FoundBy::Title => score(wanted, &hit),
            };
            Scored { hit, score }
        })
        .collect();
    let strength = |it: &Scored| match it.hit.found_by {
        FoundBy::Id => 0,
        FoundBy::Path => 1,
        FoundBy::Fingerprint => 2,
        FoundBy::Title | FoundBy::Words => 3,
    };
    scored.sort_by(|one, other| {
        strength(one)
            .cmp(&strength(other))
            .then(other.score.total_cmp(&one.score))
            .then(other.hit.popularity.total_cmp(&one.hit.popularity))
    });
    scored
}

/// Whether a thing that was found by a hash plays as long as the file.
fn is_as_long(wanted: &Wanted<'_>, hit: &Hit) -> bool {
    let lengths = wanted.runtime_ms.zip(hit.runtime_ms);
    lengths.is_some_and(|(one, other)| {
        let apart = i64::try_from(one.abs_diff(other)).unwrap_or(i64::MAX);
        apart <= SAME_RUNTIME_MS.max(other / SAME_RUNTIME_PART)
    })
}

/// Two providers may offer one thing.
fn is_same(one: &Scored, other: &Scored) -> bool {
    let (one, other) = (&one.hit, &other.hit);
    one.provider == other.provider && one.id == other.id
        || one.ids.iter().any(|(provider, id)| other.ids.get(provider) == Some(id))
}

/// How well `hit` fits, 0 to 1.
pub fn score(wanted: &Wanted<'_>, hit: &Hit) -> f32 {
    let theirs = [Some(hit.title.as_str()), hit.original_title.as_deref()];
    let theirs: Vec<&str> =
        theirs.into_iter().flatten().chain(hit.other_titles.iter().map(String::as_str)).collect();
    let alike = title::best(&wanted.titles, &theirs);
    if alike < MIN_TITLE {
        return alike * TITLE * 0.5;
    }
    let rest = match wanted.subject {
        Subject::Movie => {
            of_year(wanted.year, hit.year, &[0.20, 0.13, 0.0], -0.25)
                + of_runtime(wanted.runtime_ms, hit.runtime_ms)
        }
        Subject::Series => {
            of_year(wanted.year, hit.year, &[0.20, 0.10], -0.20)
                + of_episodes(wanted.episode_count, hit.episode_count)
        }
    };
    let most = if alike < SURE_TITLE { THRESHOLD - 0.01 } else { 1.0 };
    (alike * TITLE + rest).clamp(0.0, most)
}

/// What the years are worth: by how many they are apart, and beyond that `apart`.
fn of_year(wanted: Option<i32>, offered: Option<i32>, near: &[f32], apart: f32) -> f32 {
    match (wanted, offered) {
        (Some(wanted), Some(offered)) => {
            near.get(wanted.abs_diff(offered) as usize).copied().unwrap_or(apart)
        }
        // A year that only one side has neither helps nor harms much.
        (Some(_), None) => 0.06,
        (None, _) => 0.12,
    }
}

fn of_runtime(wanted: Option<i64>, offered: Option<i64>) -> f32 {
    let (Some(wanted), Some(offered)) = (wanted, offered.filter(|it| *it > 0)) else { return 0.06 };
    let apart = i64::try_from(wanted.abs_diff(offered)).unwrap_or(i64::MAX);
    let part = apart as f64 / offered as f64;
    if apart <= CLOSE_RUNTIME_MS || part <= CLOSE_RUNTIME {
        0.10
    } else if apart > FAR_RUNTIME_MS && part > FAR_RUNTIME {
        -0.10
    } else {
        0.04
    }
}

/// More episodes on disk than there ever were speak against it.
fn of_episodes(wanted: Option<i32>, offered: Option<i32>) -> f32 {
    match (wanted, offered.filter(|it| *it > 0)) {
        (Some(wanted), Some(offered)) if wanted > offered.saturating_add(2) => -0.15,
        (Some(_), Some(_)) => 0.10,
        _ => 0.06,
    }
}
