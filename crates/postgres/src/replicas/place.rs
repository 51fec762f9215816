//! Where in the log of changes a server stands, in words that two servers can be compared by.

use std::time::Duration;

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use tokio::time::sleep;

/// How often a replica that is just behind is asked again: it usually is so for less than a millisecond. All in all less than
/// it takes a person to notice, after which the primary is asked.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(1),
    Duration::from_millis(2),
    Duration::from_millis(3),
    Duration::from_millis(5),
    Duration::from_millis(8),
];

/// A position is a number of bytes that means something only within one history: that of one cluster, since somebody was last
/// promoted in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The cluster's own number: a copy has that of its original.
    pub system: i64,
    /// Counted up by each promotion.
    pub timeline: i32,
    /// Bytes of log from the beginning on.
    pub position: i64,
}

/// How a replica stands to a place of the primary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Everything up to there is to be seen on it.
    There,
    /// So many bytes are not.
    Behind(i64),
    /// It is no replica of this primary, and why.
    Foreign(&'static str),
}

impl Place {
    /// Up to where the primary's changes are safe.
    ///
    /// PostgreSQL writes a commit to disk before anybody may see it or is told of it, so the place has everything that was seen
    /// before it was asked for. That does not hold without `synchronous_commit`: then there is none.
    pub async fn of_primary(connection: &mut PgConnection) -> sqlx::Result<Option<Self>> {
        let row = sqlx::query(
            "SELECT system_identifier,
                    ('x' || left(pg_walfile_name(lsn), 8))::bit(32)::int,
                    (lsn - '0/0'::pg_lsn)::bigint,
                    current_setting('synchronous_commit') <> 'off'
             FROM pg_control_system(), pg_current_wal_flush_lsn() AS lsn",
        )
        .fetch_one(connection)
        .await?;
        let is_safe: bool = row.try_get(3)?;
        Ok(is_safe.then_some(Self::of_row(&row)?))
    }

    /// How the replica behind `connection` stands to this place of its primary, asked again for a moment where it is behind.
    pub async fn reached_by(&self, connection: &mut PgConnection) -> sqlx::Result<Standing> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let standing = self.seen_from(connection).await?;
            match (&standing, pauses.next()) {
                (Standing::Behind(_), Some(pause)) => sleep(pause).await,
                _ => return Ok(standing),
            }
        }
    }

    async fn seen_from(&self, connection: &mut PgConnection) -> sqlx::Result<Standing> {
        // The control file learns of a promotion that the replica follows some minutes late, never early.
        let row = sqlx::query(
            "SELECT system_identifier, timeline_id,
                    coalesce((pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint, 0),
                    pg_is_in_recovery()
             FROM pg_control_system(), pg_control_checkpoint()",
        )
        .fetch_one(connection)
        .await?;
        Ok(self.compare(Self::of_row(&row)?, row.try_get(3)?))
    }

    fn compare(&self, replica: Self, is_in_recovery: bool) -> Standing {
        if replica.system != self.system {
            return Standing::Foreign("it is no copy of the primary");
        }
        if !is_in_recovery {
            return Standing::Foreign("it follows nobody: it was promoted, or is the primary");
        }
        if replica.timeline != self.timeline {
            return Standing::Foreign("it follows another primary than ours, or not yet ours");
        }
        match self.position - replica.position {
            ..=0 => Standing::There,
            bytes => Standing::Behind(bytes),
        }
    }

    fn of_row(row: &PgRow) -> sqlx::Result<Self> {
        let (system, timeline, position) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        Ok(Self { system, timeline, position })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_follows_the_same_history_is_compared_by_its_position() {
        let primary = Place { system: 7, timeline: 2, position: 1000 };
        let foreign = |it: &Standing| matches!(it, Standing::Foreign(_));
        let check = |replica: Place, is_in_recovery| primary.compare(replica, is_in_recovery);
        assert_eq!(check(primary, true), Standing::There);
        assert_eq!(check(Place { position: 1001, ..primary }, true), Standing::There);
        assert_eq!(check(Place { position: 999, ..primary }, true), Standing::Behind(1));
        let ahead = Place { position: 5000, ..primary };
        assert!(foreign(&check(ahead, false)), "promoted");
        assert!(foreign(&check(Place { timeline: 1, ..ahead }, true)), "left behind by a failover");
        assert!(foreign(&check(Place { timeline: 3, ..ahead }, true)), "follows another");
        assert!(foreign(&check(Place { system: 8, ..ahead }, true)), "another cluster");
    }
}
