//! When background work comes around, as administrators decided: kept in the database, followed by all nodes.

use std::collections::BTreeMap;
use std::time::Duration;

use jobs::Rule;
use kernel::Result;

use crate::wiring::House;

/// The setting whose entries are the rules.
const SETTING: &str = "job_schedules";
/// How soon a node follows what was changed on another.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// Takes over the rules that were decided.
pub async fn load(house: &House) -> Result<()> {
    let entries = house.accounts.find_entries(SETTING).await?.into_iter();
    // What another version wrote is not for this one.
    let rules = entries.filter_map(|(name, rule)| Some((name, serde_json::from_value(rule).ok()?)));
    house.schedules.apply(&rules.collect::<BTreeMap<String, Rule>>())
}

/// Looks for changes as long as it is let.
pub async fn follow(house: House) {
    let mut every = tokio::time::interval(LOOK_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        if let Err(error) = load(&house).await {
            tracing::debug!(%error, "schedules.not_read");
        }
    }
}

/// From now on a kind of work comes around by this rule; by its usual one with `None`.
pub async fn change(house: &House, kind: &str, rule: Option<&Rule>) -> Result<()> {
    let name = house.schedules.name_of(kind, false)?;
    let kept = rule.map(|it| {
        it.check()?;
        serde_json::to_value(it).map_err(|error| kernel::Error::Internal(error.into()))
    });
    house.accounts.keep_entry(SETTING, name, kept.transpose()?.as_ref()).await?;
    load(house).await
}
