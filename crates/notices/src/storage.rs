//! Disks that are nearly full: told when one falls below what it should have free, and not again before it had clearly more.

use kernel::Result;
use kernel::notice::Notice;

use crate::tell::{once, write_event};
use crate::{Notices, store};

const GIB: u64 = 1 << 30;
/// A large disk is not nearly full with less than this free, a small one not with more.
const LEAST_BYTES: (u64, u64) = (GIB, 10 * GIB);

/// What a disk has at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// A folder on it that people know.
    pub place: String,
    /// What tells it from others, also tomorrow.
    pub id: String,
    /// What is free.
    pub free_bytes: u64,
    /// What there is.
    pub total_bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Low,
    /// More than too little, and not so much that falling below again would be news.
    Between,
    Roomy,
}

impl Disk {
    /// Below this it is nearly full: a fiftieth of it, within bounds.
    fn least_bytes(&self) -> u64 {
        (self.total_bytes / 50).clamp(LEAST_BYTES.0, LEAST_BYTES.1)
    }

    fn state(&self) -> State {
        let least = self.least_bytes();
        if self.free_bytes < least {
            State::Low
        } else if self.free_bytes < least + least / 4 {
            State::Between
        } else {
            State::Roomy
        }
    }
}

impl Notices {
    /// Tells of each of `disks` that has become nearly full since it last had room.
    pub async fn look_at_disks(&self, disks: &[Disk]) -> Result<()> {
        let parts = &self.0.parts;
        let now = parts.clock.now();
        for disk in disks {
            let Disk { place, id, free_bytes, total_bytes } = disk.clone();
            let notice = Notice::StorageLow { place, disk: id, free_bytes, total_bytes };
            let mut tx = parts.pool.begin().await?;
            match disk.state() {
                State::Low => {
                    write_event(&mut tx, &parts.jobs, &self.0.ids, now, &notice).await?;
                }
                State::Between => {}
                State::Roomy => {
                    let told = once(&notice, now).unwrap_or_default();
                    store::event::let_be_told_again(&mut tx, &told).await?;
                }
            }
            tx.commit().await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_low_by_its_size_and_roomy_only_with_a_margin() {
        const TIB: u64 = 1 << 40;
        let mib = |n: u64| n << 20;
        for (total, free, state) in [
            (100 * GIB, 2 * GIB - 1, State::Low),
            (100 * GIB, 2 * GIB, State::Between),
            (100 * GIB, 2 * GIB + mib(512), State::Roomy),
            (8 * TIB, 10 * GIB - 1, State::Low),
            (8 * TIB, 13 * GIB, State::Roomy),
            (8 * GIB, GIB - 1, State::Low),
            (8 * GIB, GIB + mib(255), State::Between),
            (0, 0, State::Low),
            (u64::MAX, u64::MAX, State::Roomy),
        ] {
            let disk = Disk {
                place: "/media".to_owned(),
                id: "1".to_owned(),
                free_bytes: free,
                total_bytes: total,
            };
            assert_eq!(disk.state(), state, "{total} {free}");
        }
    }
}
