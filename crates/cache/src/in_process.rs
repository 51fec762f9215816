//! The engine in this process: a table bounded by bytes.

use std::time::{Duration, Instant};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Clock;
use moka::future::Cache as Table;
use moka::ops::compute::{CompResult, Op};

use crate::channels::Channels;

/// What an entry costs beside its key and value.
const ENTRY_BYTES: usize = 160;

#[derive(Clone, Debug)]
struct Entry {
    value: Bytes,
    expires_at: DateTime<Utc>,
    ttl: Duration,
}

/// Lets the table free what is over. Whether an entry is over is decided by our clock, which tests move.
struct ByTtl;

impl moka::Expiry<String, Entry> for ByTtl {
    fn expire_after_create(&self, _: &String, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.ttl)
    }

    fn expire_after_update(
        &self,
        _: &String,
        entry: &Entry,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.ttl)
    }
}

#[derive(Debug)]
pub(crate) struct InProcess {
    clock: Clock,
    table: Table<String, Entry>,
    pub channels: Channels,
}

impl InProcess {
    pub fn new(max_bytes: u64, clock: Clock) -> Self {
        let table = Table::builder()
            .weigher(|key: &String, entry: &Entry| {
                let bytes = key.len() + entry.value.len() + ENTRY_BYTES;
                u32::try_from(bytes).unwrap_or(u32::MAX)
            })
            .max_capacity(max_bytes)
            .expire_after(ByTtl)
            .build();
        Self { clock, table, channels: Channels::default() }
    }

    pub async fn get(&self, key: &str) -> Option<Bytes> {
        let entry = self.table.get(key).await?;
        (entry.expires_at > self.clock.now()).then_some(entry.value)
    }

    pub async fn set(&self, key: String, value: Bytes, ttl: Duration) {
        self.table.insert(key, self.entry(value, ttl)).await;
    }

    pub async fn set_if_absent(&self, key: String, value: Bytes, ttl: Duration) -> bool {
        let now = self.clock.now();
        let entry = self.entry(value, ttl);
        let result = self
            .table
            .entry(key)
            .and_compute_with(|present| {
                let is_there = present.is_some_and(|it| it.value().expires_at > now);
                std::future::ready(if is_there { Op::Nop } else { Op::Put(entry) })
            })
            .await;
        matches!(result, CompResult::Inserted(_) | CompResult::ReplacedWith(_))
    }

    pub async fn replace(&self, key: String, before: &[u8], value: Bytes, ttl: Duration) -> bool {
        let now = self.clock.now();
        let entry = self.entry(value, ttl);
        let result = self
            .table
            .entry(key)
            .and_compute_with(|present| {
                let is_same = present.is_some_and(|it| {
                    let Entry { value, expires_at, .. } = it.value();
                    *expires_at > now && value == before
                });
                std::future::ready(if is_same { Op::Put(entry) } else { Op::Nop })
            })
            .await;
        matches!(result, CompResult::ReplacedWith(_))
    }

    pub async fn delete(&self, key: &str) -> bool {
        let entry = self.table.remove(key).await;
        entry.is_some_and(|entry| entry.expires_at > self.clock.now())
    }

    fn entry(&self, value: Bytes, ttl: Duration) -> Entry {
        let now = self.clock.now();
        let expires_at = TimeDelta::from_std(ttl)
            .ok()
            .and_then(|ttl| now.checked_add_signed(ttl))
            .unwrap_or(DateTime::<Utc>::MAX_UTC);
        // A slice of a larger buffer would keep all of it alive, uncounted.
        let value = if value.is_unique() { value } else { Bytes::copy_from_slice(&value) };
        Entry { value, expires_at, ttl }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_table_stays_within_its_bytes() {
        let engine = InProcess::new(100_000, Clock::system());
        for n in 0..1000 {
            engine.set(n.to_string(), Bytes::from(vec![0; 1000]), Duration::from_mins(1)).await;
        }
        engine.table.run_pending_tasks().await;
        assert!(engine.table.weighted_size() <= 100_000);
        assert!(engine.table.entry_count() > 50);
    }
}
