//! Where the credits of a film begin that nothing else tells: its last part is words on dark ground.

use std::sync::Arc;

use catalog::analysis::{DueFile, Segment, SegmentKind, SegmentSource};
use jobs::Context;
use media::tool::Limits;
use media::trickplay::TILES;
use media::trickplay::dark::{self, Darkness};

use super::{Analyst, Failure};

/// What is shorter has no credits that are worth a button.
const SHORTEST_FILM_MS: i64 = 600_000;
/// So much of the end is looked at, and never more than a share of the film.
const TAIL_MS: i64 = 900_000;
const PART: i64 = 5;
/// From one look to the next.
const STEP_MS: i64 = 3_000;
/// A picture with words on dark ground: so much of it is dark, and so much light, neither nothing nor a scene at night.
const DARK: f32 = 0.8;
const WORDS: std::ops::Range<f32> = 0.002..0.2;
/// A look at a scene within the credits counts as that many of words.
const SCENE_COSTS: i64 = 2;
/// Shorter ones are not told from a scene at night.
const SHORTEST_MS: i64 = 24_000;
/// The share of words in credits, and before them, where they are told from a dark film.
const WITHIN: f32 = 0.75;
const BEFORE: f32 = 0.25;
/// Of credits that are barely told, and of perfect ones.
const CONFIDENCE: (f32, f32) = (0.5, 0.8);

impl Analyst {
    /// The credits of a film by its pictures, if they can be told.
    pub(super) async fn see_credits(
        &self,
        context: &Context,
        file: &DueFile,
    ) -> Result<Option<Segment>, Failure> {
        if self.settings.ffmpeg.is_none()
            || file.duration_ms.is_some_and(|it| it < SHORTEST_FILM_MS)
        {
            return Ok(None);
        }
        let opened = self.open(context, file).await?;
        let duration_ms = opened.film.plan.end_ns / 1_000_000;
        if duration_ms < SHORTEST_FILM_MS {
            return Ok(None);
        }
        let moments = moments_ms(duration_ms);
        let mut seen: Vec<Darkness> = Vec::new();
        for moments in moments.chunks(TILES) {
            self.wait(context).await?;
            let (film, wanted) = (Arc::clone(&opened), moments.to_vec());
            let look = move || dark::look(&film.film, &*film.file, &wanted);
            let work = self.films.read_at_leisure(look).await?;
            let output = self.run(context, &opened, &work.args, work.feed, Limits::SHEET).await?;
            let mut pictures = dark::read(&output.stdout);
            if pictures.is_empty() {
                return Err(Failure::File(format!("FFmpeg gave no pictures: {}", output.stderr)));
            }
            pictures.resize(moments.len(), pictures[pictures.len() - 1]);
            seen.extend(pictures);
        }
        // As whoever asks for it hears how long the film is.
        Ok(credits(&moments, &seen, file.duration_ms.unwrap_or(duration_ms)))
    }
}

/// The moments that are looked at.
fn moments_ms(duration_ms: i64) -> Vec<i64> {
    let from = duration_ms - TAIL_MS.min(duration_ms / PART);
    let n = (duration_ms - from) / STEP_MS;
    (0..n).map(|it| from + it * STEP_MS).collect()
}

/// The stretch to the end that has the most words and the fewest scenes, if it is credits.
fn credits(moments: &[i64], seen: &[Darkness], duration_ms: i64) -> Option<Segment> {
    let has_words = |it: &Darkness| it.dark >= DARK && WORDS.contains(&it.light);
    let are_words: Vec<bool> = seen.iter().map(has_words).collect();
    let (mut sum, mut best) = (0_i64, (0_i64, are_words.len()));
    for (at, is_words) in are_words.iter().enumerate().rev() {
        sum += if *is_words { 1 } else { -SCENE_COSTS };
        if sum > best.0 {
            best = (sum, at);
        }
    }
    let share = |of: &[bool]| {
        let n_words = of.iter().filter(|it| **it).count();
        n_words as f32 / of.len().max(1) as f32
    };
    let (before, within) = are_words.split_at_checked(best.1)?;
    let (start_ms, purity, contrast) = (*moments.get(best.1)?, share(within), share(before));
    if duration_ms - start_ms < SHORTEST_MS
        || before.is_empty()
        || purity < WITHIN
        || contrast > BEFORE
    {
        return None;
    }
    let sure = (purity - contrast - (WITHIN - BEFORE)) / (1.0 - (WITHIN - BEFORE));
    Some(Segment {
        kind: SegmentKind::Credits,
        start_ms,
        end_ms: duration_ms,
        confidence: CONFIDENCE.0 + (CONFIDENCE.1 - CONFIDENCE.0) * sure.clamp(0.0, 1.0),
        source: SegmentSource::Pictures,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: Darkness = Darkness { dark: 0.93, light: 0.04 };
    const SCENE: Darkness = Darkness { dark: 0.2, light: 0.4 };
    const NIGHT: Darkness = Darkness { dark: 0.95, light: 0.0 };

    /// Where the credits of a film of half an hour begin, in seconds before its end, and how sure that is.
    fn found(seen: impl Fn(i64) -> Darkness) -> Option<(i64, f32)> {
        let duration_ms = 1_800_000;
        let moments = moments_ms(duration_ms);
        let seen: Vec<Darkness> =
            moments.iter().map(|it| seen((duration_ms - it) / 1000)).collect();
        credits(&moments, &seen, duration_ms)
            .map(|it| ((duration_ms - it.start_ms) / 1000, it.confidence))
    }

    #[test]
    fn words_to_the_end_are_credits_and_a_scene_among_them_does_not_matter() {
        let (before_end, sure) =
            found(|it| if it <= 120 { WORDS } else { SCENE }).expect("credits");
        assert!((118..=120).contains(&before_end) && sure > 0.79, "{before_end} {sure}");
        let among = |it| if it <= 120 && !(40..55).contains(&it) { WORDS } else { SCENE };
        let (before_end, less_sure) = found(among).expect("credits");
        assert!((118..=120).contains(&before_end) && less_sure < sure, "{before_end}");
    }

    #[test]
    fn what_is_dark_is_not_credits() {
        assert_eq!(found(|_| SCENE), None);
        assert_eq!(found(|_| WORDS), None, "nothing tells them from the film");
        assert_eq!(found(|it| if it <= 120 { NIGHT } else { SCENE }), None, "no words");
        assert_eq!(found(|it| if it <= 15 { WORDS } else { SCENE }), None, "too short");
        assert_eq!(found(|it| if it % 6 < 3 { WORDS } else { SCENE }), None, "a film in the dark");
        assert_eq!(found(|it| if (90..150).contains(&it) { WORDS } else { SCENE }), None);
    }

    #[test]
    fn only_the_end_of_a_film_is_looked_at() {
        assert_eq!(moments_ms(7_200_000).len(), 300);
        assert_eq!(moments_ms(600_000)[0], 480_000);
    }
}
