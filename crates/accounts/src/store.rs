//! All SQL of the room.

pub(crate) mod adult;
pub(crate) mod audit;
pub(crate) mod avatar;
pub(crate) mod believed;
pub(crate) mod challenge;
pub(crate) mod device;
pub(crate) mod identity;
pub(crate) mod invitation;
pub(crate) mod key;
pub(crate) mod parental;
pub(crate) mod passkey;
pub(crate) mod person;
pub(crate) mod profile;
pub(crate) mod quick_connect;
pub(crate) mod recipient;
pub(crate) mod role;
pub(crate) mod second_factor;
pub(crate) mod session;
pub(crate) mod setting;

use kernel::Limits;

/// What the columns say of how much a person may play: streams, bits per second away and in the house.
pub(crate) fn limits((streams, bps, local_bps): (Option<i16>, Option<i64>, Option<i64>)) -> Limits {
    Limits {
        max_streams: streams.and_then(|it| it.try_into().ok()),
        max_bitrate_bps: bps,
        max_local_bitrate_bps: local_bps,
    }
}
