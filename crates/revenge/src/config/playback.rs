//! How much may be played.

use kernel::Limits;
use serde::{Deserialize, Serialize};

/// What nobody goes beyond; 0 is no limit. A person may be given less.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlaybackSection {
    /// Megabits per second of a film that leaves the house.
    pub max_bitrate_mbps: u16,
    /// Megabits per second of a film that stays in the house.
    pub max_local_bitrate_mbps: u16,
    /// Films at once, of everybody together.
    pub max_streams: u16,
}

impl PlaybackSection {
    /// The same as limits.
    pub fn limits(self) -> Limits {
        let bps = |mbps: u16| (mbps > 0).then(|| i64::from(mbps) * 1_000_000);
        Limits {
            max_streams: (self.max_streams > 0).then_some(self.max_streams),
            max_bitrate_bps: bps(self.max_bitrate_mbps),
            max_local_bitrate_bps: bps(self.max_local_bitrate_mbps),
        }
    }
}
