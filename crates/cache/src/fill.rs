//! Single flight: of many who miss the same key at once, one does the work.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use kernel::Result;
use tokio::sync::OnceCell;

/// The fills that run now, by key.
#[derive(Debug, Default)]
pub(crate) struct Fills(Mutex<HashMap<String, Arc<OnceCell<Bytes>>>>);

impl Fills {
    /// Runs `fill`, or waits for the one that runs for `key` and returns its value.
    ///
    /// When the running one fails or is dropped, one of those who wait runs its own.
    pub async fn run(
        &self,
        key: String,
        fill: impl Future<Output = Result<Bytes>>,
    ) -> Result<Bytes> {
        let cell = {
            let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(running.entry(key.clone()).or_default())
        };
        let _leave = Leave { fills: self, key, cell: &cell };
        cell.get_or_try_init(|| fill).await.cloned()
    }
}

/// Takes the key off the list when the value is there or nobody else waits for it, also when the caller was dropped.
struct Leave<'a> {
    fills: &'a Fills,
    key: String,
    cell: &'a Arc<OnceCell<Bytes>>,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        let mut running = self.fills.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_ours = running.get(&self.key).is_some_and(|cell| Arc::ptr_eq(cell, self.cell));
        // Two owners are the list and us. A clone is only made under the lock that we hold.
        if is_ours && (self.cell.initialized() || Arc::strong_count(self.cell) == 2) {
            running.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_is_left_behind_by_a_fill_that_succeeded_failed_or_was_dropped() {
        let fills = Fills::default();
        let value = fills.run("a".into(), async { Ok(Bytes::from_static(b"1")) }).await;
        assert_eq!(value.expect("the fill succeeds"), "1");
        let failed = fills.run("b".into(), async { Err(kernel::Error::NotFound("b")) }).await;
        assert!(failed.is_err());
        let dropped = fills.run("c".into(), std::future::pending());
        assert!(futures::FutureExt::now_or_never(dropped).is_none());
        assert!(fills.0.lock().expect("no test panicked").is_empty());
    }
}
