//! The server's settings, given on its command line so that the files in the data folder stay as initdb made them.

use super::place::Place;

const MB: u64 = 1024 * 1024;
/// Assumed where the machine does not say.
const UNKNOWN_MEMORY: u64 = 2048 * MB;

/// How much a power cut may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Nothing that was committed.
    Full,
    /// Everything: for tests.
    None,
}

pub(super) fn settings(place: &Place, durability: Durability) -> Vec<String> {
    let memory = memory(&read("/proc/meminfo"), &read("/sys/fs/cgroup/memory.max"));
    let share = |part: u64, least: u64, most: u64| (memory / part / MB).clamp(least, most);
    let mut settings = vec![
        "listen_addresses=".to_owned(),
        format!("unix_socket_directories={}", place.socket.display()),
        "unix_socket_permissions=0700".to_owned(),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
        // Refused statements are reported by whoever sent them; the log keeps the server's own life.
        "log_min_messages=log".to_owned(),
        "log_checkpoints=off".to_owned(),
        format!("shared_buffers={}MB", share(16, 64, 1024)),
        format!("effective_cache_size={}MB", share(2, 256, 1024 * 1024)),
        format!("maintenance_work_mem={}MB", share(32, 64, 512)),
        format!("work_mem={}MB", share(256, 8, 64)),
        // Our queries are short: compiling them or spreading them over processes costs more than it gains, and a
        // container's small /dev/shm has no room for parallel plans.
        "jit=off".to_owned(),
        "max_parallel_workers_per_gather=0".to_owned(),
        "max_parallel_maintenance_workers=0".to_owned(),
        "random_page_cost=1.1".to_owned(),
        // No replicas read our log, so it holds what a crash needs and no more.
        "wal_level=minimal".to_owned(),
        "max_wal_senders=0".to_owned(),
        "wal_compression=on".to_owned(),
    ];
    if durability == Durability::None {
        let loose = [
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "autovacuum=off",
            "max_connections=300",
        ];
        settings.extend(loose.map(str::to_owned));
    }
    settings
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// Bytes we may reckon with: the machine's, or the container's where that is less.
fn memory(meminfo: &str, cgroup: &str) -> u64 {
    let machine = meminfo
        .lines()
        .find_map(|line| {
            line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?.trim().parse().ok()
        })
        .map_or(UNKNOWN_MEMORY, |kilobytes: u64| kilobytes * 1024);
    // Reads "max" where there is no limit.
    cgroup.trim().parse().map_or(machine, |limit: u64| limit.min(machine))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_the_lesser_of_machine_and_container() {
        let meminfo = "MemTotal:        8000000 kB\nMemFree: 1 kB\n";
        for (meminfo, cgroup, expected) in [
            (meminfo, "", 8_192_000_000),
            (meminfo, "max\n", 8_192_000_000),
            (meminfo, "536870912\n", 536_870_912),
            (meminfo, "9223372036854771712\n", 8_192_000_000),
            ("", "", UNKNOWN_MEMORY),
        ] {
            assert_eq!(memory(meminfo, cgroup), expected, "{meminfo:?} {cgroup:?}");
        }
    }
}
