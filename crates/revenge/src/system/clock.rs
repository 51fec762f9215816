//! Whether this machine and the database's agree on what time it is.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Clock;
use sqlx::PgPool;

use super::{PATIENCE, Part, store};

const CLOCK: &str = "clock";
/// Less than this harms nothing.
const TOLERANCE: TimeDelta = TimeDelta::seconds(5);

/// Asks the database. It is about the machine's own clock, whatever the server was given.
pub async fn part(pool: &PgPool) -> Part {
    let clock = Clock::system();
    let before = clock.now();
    match tokio::time::timeout(PATIENCE, store::find_clock(pool)).await {
        Ok(Ok(theirs)) => tell(theirs, before, clock.now()),
        Ok(Err(_)) | Err(_) => {
            Part::degraded(CLOCK, "the database did not tell its time", "see the part postgresql")
        }
    }
}

/// `theirs` was read some time from `before` to `after`.
fn tell(theirs: DateTime<Utc>, before: DateTime<Utc>, after: DateTime<Utc>) -> Part {
    let (off, where_to) =
        if theirs < before { (before - theirs, "behind") } else { (theirs - after, "before") };
    if off <= TOLERANCE {
        return Part::fine(CLOCK, "the database has the same time");
    }
    let found = format!("the database's is {} s {where_to} this machine's", off.num_seconds());
    let advice = "let both machines set their clocks by the network (NTP, chrony); links end too early or too late, and so do \
                  sessions and schedules";
    Part::degraded(CLOCK, found, advice)
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn clocks_that_are_apart_are_told_of_and_a_slow_answer_is_not() {
        let at = |s: i64| DateTime::from_timestamp(1_800_000_000 + s, 0).expect("a moment");
        for (theirs, expect) in [
            (1, None),
            (-4, None),
            (34, None),
            (-60, Some("the database's is 60 s behind this machine's")),
            (90, Some("the database's is 60 s before this machine's")),
        ] {
            let part = tell(at(theirs), at(0), at(30));
            match expect {
                None => assert_eq!(part.status, Status::Fine, "{theirs}"),
                Some(expect) => {
                    assert_eq!((part.status, part.found.as_str()), (Status::Degraded, expect));
                }
            }
        }
    }
}
