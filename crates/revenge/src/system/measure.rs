//! What `/metrics` shows of that which nothing counts as it happens.

use kernel::Result;

use super::{Status, backup_part, replicas, servers};
use crate::wiring::House;

/// Measures the parts, connections, waiting work, playing, converting, the search index's lag, backups, and this process.
pub async fn measure(house: &House) {
    for part in servers(house).await {
        let is_well = f64::from(u8::from(part.status == Status::Fine));
        metrics::gauge!("revenge_part_is_well", "part" => part.name).set(is_well);
    }
    for (pool, connections) in &house.pools {
        let max = connections.options().get_max_connections();
        for (state, number) in
            [("open", connections.size()), ("idle", connections.num_idle() as u32), ("max", max)]
        {
            metrics::gauge!("revenge_database_connections", "pool" => *pool, "state" => state)
                .set(number);
        }
    }
    replicas::measure(house);
    jobs(house).await;
    search(house).await;
    if let Err(error) = playing(house).await {
        tracing::debug!(%error, "playing.not_counted");
    }
    converting(house);
    backups(house).await;
    if let Ok(Err(error)) = tokio::task::spawn_blocking(process).await {
        tracing::debug!(%error, "process.not_measured");
    }
}

/// Clock ticks of a second in what proc(5) tells, the same on every Linux.
const TICKS_PER_S: u64 = 100;

/// This program itself, under the names that Prometheus has for it everywhere; by proc(5).
fn process() -> std::io::Result<()> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let resident = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let kib = resident.and_then(|it| it.trim().strip_suffix(" kB")?.parse::<u32>().ok());
    if let Some(kib) = kib {
        metrics::gauge!("process_resident_memory_bytes").set(f64::from(kib) * 1024.0);
    }
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // Behind the program's name, which may hold anything, stands the third field; ticks as a user and in the kernel are the
    // fourteenth and the fifteenth.
    let fields = stat.rsplit_once(") ").map_or("", |it| it.1).split(' ').skip(11).take(2);
    let ticks: u64 = fields.filter_map(|it| it.parse::<u64>().ok()).sum();
    metrics::counter!("process_cpu_seconds_total").absolute(ticks / TICKS_PER_S);
    let n_open = std::fs::read_dir("/proc/self/fd")?.count();
    metrics::gauge!("process_open_fds").set(n_open as f64);
    Ok(())
}

async fn jobs(house: &House) {
    match house.jobs.counts().await {
        Ok(counts) => {
            for (state, number) in [
                ("available", counts.available),
                ("running", counts.running),
                ("retryable", counts.retryable),
                ("scheduled", counts.scheduled),
                ("discarded", counts.discarded),
            ] {
                metrics::gauge!("revenge_jobs", "state" => state).set(number as f64);
            }
        }
        Err(error) => tracing::debug!(%error, "jobs.not_counted"),
    }
}

async fn search(house: &House) {
    let areas =
        [("main", Some(&house.catalog)), ("adult", house.adult.as_ref().map(|it| &it.catalog))];
    for (area, catalog) in areas {
        let Some(catalog) = catalog else { continue };
        match catalog.search_lag().await {
            Ok(lag) => {
                metrics::gauge!("revenge_search_lag_seconds", "area" => area).set(lag.seconds);
                metrics::gauge!("revenge_search_waiting", "area" => area).set(lag.waiting as f64);
            }
            Err(error) => tracing::debug!(%error, "search.lag_not_measured"),
        }
    }
}

/// Of all areas together: how much is played says nothing of what.
async fn playing(house: &House) -> Result<()> {
    let mut playing = house.playback.count_playing().await?;
    if let Some(adult) = &house.adult {
        for (sum, more) in playing.iter_mut().zip(adult.playback.count_playing().await?) {
            sum.1 += more.1;
        }
    }
    for (way, number) in playing {
        metrics::gauge!("revenge_playing", "way" => way.code()).set(number as f64);
    }
    Ok(())
}

fn converting(house: &House) {
    let load = house.playback.load();
    for (what, (taken, max)) in [("pictures", load.pictures), ("sound", load.sounds)] {
        for (state, number) in [("taken", taken), ("max", max)] {
            metrics::gauge!("revenge_conversion_places", "what" => what, "state" => state)
                .set(number as f64);
        }
    }
}

async fn backups(house: &House) {
    let is_failing = backup_part(house).await.status != Status::Fine;
    metrics::gauge!("revenge_backup_is_failing").set(f64::from(u8::from(is_failing)));
    if let Ok(kept) = house.backups.list().await
        && let Some(last) = kept.first()
    {
        metrics::gauge!("revenge_backup_last_timestamp_seconds")
            .set(last.created_at.timestamp() as f64);
    }
}
