//! One maker at a time for one thing: who comes second waits and finds it made.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// The things being made, by name. Forgets those that nobody makes or waits for.
#[derive(Debug, Default)]
pub(crate) struct SingleFlight(Mutex<HashMap<String, Weak<AsyncMutex<()>>>>);

impl SingleFlight {
    /// The right to make `name`, once whoever has it now is done.
    pub(crate) async fn turn(&self, name: &str) -> OwnedMutexGuard<()> {
        let lock = {
            let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            flights.retain(|_, it| it.strong_count() > 0);
            let living = flights.get(name).and_then(Weak::upgrade);
            living.unwrap_or_else(|| {
                let lock = Arc::new(AsyncMutex::new(()));
                flights.insert(name.to_owned(), Arc::downgrade(&lock));
                lock
            })
        };
        lock.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_second_waits_for_the_first_and_others_do_not() {
        let flights = Arc::new(SingleFlight::default());
        let first = flights.turn("a").await;
        let _other = flights.turn("b").await;
        let second = tokio::spawn({
            let flights = Arc::clone(&flights);
            async move { drop(flights.turn("a").await) }
        });
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        drop(first);
        second.await.expect("its turn came");
    }
}
