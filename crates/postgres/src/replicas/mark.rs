//! Asks the primary how far its changes go, once for many who want to know at the same time.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection};
use tokio::sync::{Mutex, OnceCell};
use tokio::time::timeout;

use super::place::Place;

/// A primary that takes longer to tell is asked for the pages themselves.
const PATIENCE: Duration = Duration::from_millis(250);

/// One answer for all who came before the question was sent.
type Round = Arc<OnceCell<Option<Place>>>;

/// The primary's place, as of now.
///
/// Whoever asks must get an answer to a question that was sent after they came: an older one may lack what they themselves
/// wrote just before. So nobody joins a question that is on its way; all who come meanwhile share the next one, which is sent
/// when that is answered. One question is out at a time, whatever the number of readers, and nobody waits for more than two.
#[derive(Debug)]
pub(super) struct Mark {
    options: PgConnectOptions,
    /// The round whose question was not sent yet.
    next: std::sync::Mutex<Option<Round>>,
    /// Whoever holds it may ask. Empty where the last question failed, or its asker went away: what is left in such a
    /// connection is nobody's.
    connection: Mutex<Option<PgConnection>>,
}

impl Mark {
    pub fn new(options: PgConnectOptions) -> Self {
        Self { options, next: std::sync::Mutex::default(), connection: Mutex::default() }
    }

    /// Up to where the primary's changes go, everything included that anybody saw before the call. `None` where it cannot be
    /// had.
    pub async fn now(&self) -> Option<Place> {
        let round = self.join();
        *round.get_or_init(|| self.ask_for(&round)).await
    }

    fn join(&self) -> Round {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        next.get_or_insert_default().clone()
    }

    /// If its caller goes away, the next of the round asks anew: later than all of them came.
    async fn ask_for(&self, round: &Round) -> Option<Place> {
        let mut connection = self.connection.lock().await;
        {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            next.take_if(|it| Arc::ptr_eq(it, round));
        }
        match timeout(PATIENCE, ask(&self.options, connection.take())).await {
            Ok(Ok((place, asked))) => {
                *connection = Some(asked);
                place
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "replicas.primary_not_asked");
                None
            }
            Err(_) => {
                tracing::debug!("replicas.primary_too_slow");
                None
            }
        }
    }
}

async fn ask(
    options: &PgConnectOptions,
    kept: Option<PgConnection>,
) -> sqlx::Result<(Option<Place>, PgConnection)> {
    if let Some(mut connection) = kept
        && let Ok(place) = Place::of_primary(&mut connection).await
    {
        return Ok((place, connection));
    }
    // A connection that lay there may have died with the server.
    let mut connection = options.connect().await?;
    let place = Place::of_primary(&mut connection).await?;
    Ok((place, connection))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_comes_while_a_question_is_out_gets_the_next_one() {
        let mark = Mark::new(PgConnectOptions::new_without_pgpass().host("/nowhere"));
        let (first, second) = (mark.join(), mark.join());
        assert!(Arc::ptr_eq(&first, &second), "nothing was sent yet");
        // As `ask_for` does it before it sends.
        let asked = mark.ask_for(&first);
        assert_eq!(asked.await, None, "there is no server");
        assert!(!Arc::ptr_eq(&first, &mark.join()), "its question was sent before");
        assert_eq!(mark.now().await, None);
    }
}
