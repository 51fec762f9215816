//! The work: looking for what came, and forgetting what is long past.

use std::time::Duration;

use ::jobs::{Queue, Registry, Work};
use kernel::Result;
use serde::{Deserialize, Serialize};

use crate::Requests;

/// What was asked for is looked for so often.
const EVERY: Duration = Duration::from_mins(2);

/// Looks whether what people asked for is here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Look;

impl Work for Look {
    const KIND: &'static str = "requests.look";
    const ONE_PER: Option<&'static str> = Some("server");

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Forgets what is long past.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Forget;

impl Work for Forget {
    const KIND: &'static str = "requests.forget";
    const QUEUE: Queue = Queue::Low;
    const ONE_PER: Option<&'static str> = Some("server");

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Registers the work of the room.
pub fn register(registry: &mut Registry, requests: &Requests) -> Result<()> {
    let with = requests.clone();
    registry.add::<Look, _, _>(move |_, context| {
        let requests = with.clone();
        async move {
            let n_told = requests.look().await?;
            if n_told > 0 {
                context.log(format!("{n_told} wishes came true"));
            }
            Ok(())
        }
    });
    let with = requests.clone();
    registry.add::<Forget, _, _>(move |_, context| {
        let requests = with.clone();
        async move {
            let n_forgotten = requests.forget().await?;
            context.log(format!("{n_forgotten} requests were old, or nobody's"));
            Ok(())
        }
    });
    registry.every(EVERY, || Look)?;
    registry.every(Duration::from_hours(24), || Forget)?;
    Ok(())
}
