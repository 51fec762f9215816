//! What somebody likes, and what of its neighbours they may like best. Pure.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use kernel::id::ItemId;
use search::Neighbour;
use serde::{Deserialize, Serialize};

use super::{LEAST_LIKENESS, Reason};

/// Of what somebody likes the strongest are asked after, and of what they dislike.
const MOST_LIKED: usize = 12;
const MOST_DISLIKED: usize = 4;
/// After so many days something watched counts half; what was loved or rated stays longer.
const WATCHED_HALF_LIFE: f64 = 60.0;
const SAID_HALF_LIFE: f64 = 365.0;
/// What is suggested for a reason again counts so much of the time before: one film shall not fill the row.
const SAME_REASON: f32 = 0.85;

/// What somebody made of a film or a series.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Made {
    pub id: ItemId,
    pub title: String,
    /// Kind and identity: the same for the same thing in another library.
    pub key: String,
    /// Of all that there is of it, how much was played, and when last.
    pub watched: Option<(f32, DateTime<Utc>)>,
    /// Since when it is a favourite.
    pub loved_at: Option<DateTime<Utc>>,
    /// Half stars from 1 to 10, and when.
    pub rated: Option<(i16, DateTime<Utc>)>,
}

/// Something that is liked or disliked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Seed {
    pub id: ItemId,
    pub title: String,
    pub reason: Reason,
    /// Hundredths, below 0 for what is disliked: exact, for it names an answer that is kept.
    pub strength: i32,
}

/// What there is to ask after, the strongest first.
pub(super) fn seeds(made: &[Made], now: DateTime<Utc>) -> Vec<Seed> {
    let mut seeds: Vec<Seed> = made.iter().filter_map(|it| seed(it, now)).collect();
    seeds.sort_by_key(|it| (-it.strength, it.id));
    let n_liked = seeds.iter().filter(|it| it.strength > 0).count();
    let disliked = seeds.split_off(n_liked);
    seeds.truncate(MOST_LIKED);
    seeds.extend(disliked.into_iter().rev().take(MOST_DISLIKED));
    seeds
}

fn seed(made: &Made, now: DateTime<Utc>) -> Option<Seed> {
    // By whole days, so that an answer can be kept.
    let faded = |since: DateTime<Utc>, half_life: f64| {
        let days = (now - since).num_days().max(0) as f64;
        (-days / half_life).exp2() as f32
    };
    let watched = made.watched.map_or(0.0, |(part, at)| {
        (0.4 + 0.6 * part.clamp(0.0, 1.0)) * faded(at, WATCHED_HALF_LIFE)
    });
    let loved = made.loved_at.map_or(0.0, |at| 1.5 * faded(at, SAID_HALF_LIFE));
    let rated = made
        .rated
        .map_or(0.0, |(value, at)| (f32::from(value) - 5.5) / 2.25 * faded(at, SAID_HALF_LIFE));
    // Who rates something badly has watched it, and does not want more of it.
    let strength = if rated < 0.0 { rated } else { watched + loved + rated };
    let reason = if rated > loved && rated > watched {
        Reason::Rated
    } else if loved > watched {
        Reason::Loved
    } else {
        Reason::Watched
    };
    let strength = (strength * 100.0).round() as i32;
    let (id, title) = (made.id, made.title.clone());
    (strength != 0).then_some(Seed { id, title, reason, strength })
}

/// Something that may be suggested.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Candidate {
    pub id: ItemId,
    /// The place of the seed it is most like.
    pub seed: usize,
    pub score: f32,
}

/// What is near to the seeds: the more of them and the nearer, the better; what is as near to something disliked, less.
pub(super) fn candidates(seeds: &[Seed], near: &[Vec<Neighbour>]) -> Vec<Candidate> {
    let mut found: HashMap<ItemId, (Candidate, f32)> = HashMap::new();
    let own: HashSet<ItemId> = seeds.iter().map(|it| it.id).collect();
    for (place, (seed, near)) in seeds.iter().zip(near).enumerate() {
        for neighbour in near {
            let id = ItemId(neighbour.id);
            if own.contains(&id) {
                continue;
            }
            let above = (neighbour.likeness - LEAST_LIKENESS).max(0.0);
            let part = above * seed.strength as f32 / 100.0;
            let (candidate, best) =
                found.entry(id).or_insert((Candidate { id, seed: place, score: 0.0 }, 0.0));
            candidate.score += part;
            if part > *best {
                (candidate.seed, *best) = (place, part);
            }
        }
    }
    let mut candidates: Vec<Candidate> =
        found.into_values().map(|it| it.0).filter(|it| it.score > 0.0).collect();
    candidates.sort_by(|one, other| {
        other.score.total_cmp(&one.score).then_with(|| one.id.cmp(&other.id))
    });
    candidates
}

/// The best `limit`, each time the best after what was taken for the same reason before.
pub(super) fn chosen(mut candidates: Vec<Candidate>, limit: usize) -> Vec<Candidate> {
    let mut chosen: Vec<Candidate> = Vec::new();
    let mut taken: HashMap<usize, i32> = HashMap::new();
    while chosen.len() < limit {
        let worth =
            |it: &Candidate| it.score * SAME_REASON.powi(taken.get(&it.seed).copied().unwrap_or(0));
        let best = (0..candidates.len()).reduce(|best, at| {
            if worth(&candidates[at]) > worth(&candidates[best]) { at } else { best }
        });
        let Some(best) = best else { break };
        let best = candidates.remove(best);
        *taken.entry(best.seed).or_default() += 1;
        chosen.push(best);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone as _};
    use uuid::Uuid;

    use super::*;

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 6, 1, 0, 0, 0).single().expect("a day")
    }

    fn ago(days: i64) -> DateTime<Utc> {
        now() - TimeDelta::days(days)
    }

    fn id(number: u128) -> ItemId {
        ItemId(Uuid::from_u128(number))
    }

    fn made(number: u128) -> Made {
        let title = format!("Film {number}");
        let key = format!("movie:{number}");
        Made { id: id(number), title, key, watched: None, loved_at: None, rated: None }
    }

    #[test]
    fn what_is_said_counts_more_than_what_is_watched_and_all_fades() {
        for (made, expected) in [
            (made(1), None),
            (Made { watched: Some((1.0, ago(0))), ..made(1) }, Some((Reason::Watched, 100))),
            (Made { watched: Some((0.0, ago(0))), ..made(1) }, Some((Reason::Watched, 40))),
            (Made { watched: Some((1.0, ago(60))), ..made(1) }, Some((Reason::Watched, 50))),
            (
                Made { watched: Some((1.0, ago(0))), loved_at: Some(ago(0)), ..made(1) },
                Some((Reason::Loved, 250)),
            ),
            (
                Made { loved_at: Some(ago(0)), rated: Some((10, ago(0))), ..made(1) },
                Some((Reason::Rated, 350)),
            ),
            (
                Made { watched: Some((1.0, ago(0))), rated: Some((1, ago(0))), ..made(1) },
                Some((Reason::Watched, -200)),
            ),
            (Made { watched: Some((1.0, ago(2000))), ..made(1) }, None),
        ] {
            let seeds = seeds(std::slice::from_ref(&made), now());
            let told = seeds.first().map(|it| (it.reason, it.strength));
            assert_eq!(told, expected, "{made:?}");
        }
    }

    #[test]
    fn the_strongest_are_asked_after_and_the_most_disliked() {
        let liked = (0..30).map(|n| Made {
            watched: Some((1.0, ago(i64::from(n)))),
            ..made(u128::from(n as u32))
        });
        let disliked =
            (0..9).map(|n| Made { rated: Some((1 + n % 3, ago(0))), ..made(100 + n as u128) });
        let seeds = seeds(&liked.chain(disliked).collect::<Vec<_>>(), now());
        assert_eq!(seeds.len(), MOST_LIKED + MOST_DISLIKED);
        assert_eq!(seeds[0].id, id(0), "the one watched last");
        assert!(seeds[..MOST_LIKED].iter().all(|it| it.strength > 0));
        assert!(seeds[MOST_LIKED..].iter().all(|it| it.strength < -150), "{seeds:?}");
    }

    fn seed(number: u128, strength: i32) -> Seed {
        Seed { id: id(number), title: String::new(), reason: Reason::Watched, strength }
    }

    fn near(all: &[(u128, f32)]) -> Vec<Neighbour> {
        all.iter().map(|it| Neighbour { id: Uuid::from_u128(it.0), likeness: it.1 }).collect()
    }

    #[test]
    fn near_to_many_is_better_and_near_to_the_disliked_is_worse() {
        let seeds = [seed(1, 100), seed(2, 50), seed(3, -100)];
        let near = [
            near(&[(1, 1.0), (2, 0.9), (10, 0.6), (11, 0.6), (12, 0.5)]),
            near(&[(10, 0.6), (13, 0.3)]),
            near(&[(11, 0.5), (12, 0.6)]),
        ];
        let found = candidates(&seeds, &near);
        let told: Vec<_> = found.iter().map(|it| (it.id, it.seed)).collect();
        assert_eq!(told, [(id(10), 0), (id(11), 0), (id(13), 1)]);
    }

    #[test]
    fn one_reason_does_not_fill_the_row() {
        let of = |number, seed, score| Candidate { id: id(number), seed, score };
        let all = vec![of(1, 0, 1.0), of(2, 0, 0.9), of(3, 0, 0.8), of(4, 1, 0.75), of(5, 1, 0.2)];
        let ids: Vec<_> = chosen(all.clone(), 4).iter().map(|it| it.id).collect();
        assert_eq!(ids, [id(1), id(2), id(4), id(3)]);
        assert_eq!(chosen(all, 9).len(), 5, "no more than there are");
    }
}
