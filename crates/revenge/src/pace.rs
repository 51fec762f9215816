//! What background work makes room for: whoever plays something, and the hours that an administrator gave to heavy work.

use std::time::Duration;

use jobs::Demands;
use kernel::{Error, Hours, Result};

use crate::wiring::House;

/// The setting, and its one entry.
const SETTING: &str = "heavy_work";
const HOURS: &str = "hours";
/// How soon it is seen that somebody plays, and what was changed on another node.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The hours of heavy work; none is at any time.
pub async fn heavy_hours(house: &House) -> Result<Hours> {
    let kept = house.accounts.find_entries(SETTING).await?.remove(HOURS);
    // What another version wrote is not for this one.
    Ok(kept.and_then(|it| serde_json::from_value(it).ok()).unwrap_or_default())
}

/// From now on heavy work keeps to these hours.
pub async fn keep_heavy_hours(house: &House, hours: &Hours) -> Result<()> {
    let kept = serde_json::to_value(hours).map_err(|error| Error::Internal(error.into()))?;
    house.accounts.keep_entry(SETTING, HOURS, Some(&kept)).await?;
    look(house).await
}

/// Looks at what is demanded now, and tells it to the work.
pub async fn look(house: &House) -> Result<()> {
    let heavy_after = match house.accounts.within_hours(&heavy_hours(house).await?) {
        Ok(_) => None,
        Err(Error::OutsideHours { opens_at }) => {
            Some((opens_at - house.clock.now()).to_std().unwrap_or_default())
        }
        Err(error) => return Err(error),
    };
    let mut is_anybody_playing = house.catalog.is_anybody_playing().await?;
    if let Some(adult) = &house.adult {
        is_anybody_playing |= adult.catalog.is_anybody_playing().await?;
    }
    house.pace.demand(Demands { is_anybody_playing, heavy_after });
    Ok(())
}

/// Looks as long as it is let.
pub async fn follow(house: House) {
    let mut every = tokio::time::interval(LOOK_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        if let Err(error) = look(&house).await {
            tracing::debug!(%error, "pace.not_looked");
        }
    }
}
