//! The disks that Revenge works on: that of the data folder, and those of the libraries.

use std::collections::HashSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use notices::Disk;
use rustix::fs::StatVfsMountFlags;

use crate::wiring::House;

/// Disks do not fill in less.
const EVERY: Duration = Duration::from_mins(5);

/// Looks at them now and then, as long as the server runs.
pub async fn watch(house: House) {
    let mut every = tokio::time::interval(EVERY);
    loop {
        every.tick().await;
        let looked = match disks(&house).await {
            Ok(disks) => house.notices.look_at_disks(&disks).await,
            Err(error) => Err(error),
        };
        if let Err(error) = looked {
            tracing::debug!(%error, "disks.not_looked_at");
        }
    }
}

/// Each disk once, by the first folder on it. What does not answer, or is only read, is left out, and so is the adult area, of
/// which nothing is ever told.
pub async fn disks(house: &House) -> kernel::Result<Vec<Disk>> {
    let mut places = vec![house.data_dir.to_path_buf()];
    places.extend(house.catalog.list_folders_unscoped().await?);
    let mut seen = HashSet::new();
    let mut disks = Vec::new();
    for place in places {
        let asked = place.clone();
        let found = house.catalog.door.ask(&place, move || look(&asked)).await;
        if let Ok(Some((device, disk))) = found
            && seen.insert(device)
        {
            disks.push(disk);
        }
    }
    Ok(disks)
}

fn look(place: &Path) -> Option<(u64, Disk)> {
    let device = place.metadata().ok()?.dev();
    let facts = rustix::fs::statvfs(place).ok()?;
    if facts.f_flag.contains(StatVfsMountFlags::RDONLY) {
        return None;
    }
    let place = place.display().to_string();
    let disk = Disk {
        id: format!("{:x}:{place}", facts.f_fsid),
        place,
        free_bytes: facts.f_bavail.saturating_mul(facts.f_frsize),
        total_bytes: facts.f_blocks.saturating_mul(facts.f_frsize),
    };
    Some((device, disk))
}
