//! Fetches the pictures of providers that a page shows: the first of each role. The others are fetched when somebody looks
//! at them.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::{StreamExt as _, stream};
use kernel::id::{ImageId, LibraryId};
use kernel::{Error, Result};
use sqlx::Connection as _;

use super::gallery::{FetchFailure, Kept};
use super::store::fetch::{
    DuePicture, Failed, bump_libraries, find_remote, list_due, promote_next, put_off, shelve,
    update_fetched,
};
use crate::Catalog;

/// Pictures fetched at a time.
const AT_ONCE: usize = 4;
/// Rows looked up at a time, and written together.
const BATCH: i64 = 40;
/// The pause after the first failure; doubled after each further one.
const FIRST_PAUSE: Duration = Duration::from_mins(10);
/// The longest pause, whatever a host asks for.
const LONGEST_PAUSE: Duration = Duration::from_hours(48);
/// A picture that failed so often is not asked for by itself any more.
const MAX_ATTEMPTS: i16 = 10;

impl Catalog {
    /// Fetches all pictures that are due; `go_on` is asked between batches and told how many are done. Returns how many are
    /// new, and announces the libraries that show them.
    pub(crate) async fn fetch_due_images(
        &self,
        go_on: &(dyn Fn(u64) -> bool + Send + Sync),
    ) -> Result<u64> {
        let _turn = self.gallery.turn("due").await;
        let mut n_fetched = 0;
        // Hosts that want to be left alone until then.
        let mut busy = HashMap::<String, DateTime<Utc>>::new();
        while go_on(n_fetched) {
            let due = list_due(&mut *self.connection().await?, self.clock.now(), BATCH).await?;
            if due.is_empty() {
                break;
            }
            let (shown, others): (Vec<_>, Vec<_>) = due.into_iter().partition(|it| it.is_shown);
            let others: Vec<_> = others.iter().map(|it| it.id.0).collect();
            shelve(&mut *self.connection().await?, &others).await?;
            let mut results = Vec::new();
            let (waiting, asked): (Vec<_>, Vec<_>) =
                shown.into_iter().partition(|it| busy.contains_key(&host(&it.url)));
            let mut fetching = stream::iter(asked)
                .map(async |it| {
                    let fetched = self.gallery.fetch(&it.url).await;
                    (it, fetched)
                })
                .buffer_unordered(AT_ONCE);
            while let Some((picture, fetched)) = fetching.next().await {
                let fetched = fetched?;
                n_fetched += u64::from(fetched.is_ok());
                if let Err(FetchFailure::Later { retry_after: Some(pause), .. }) = &fetched {
                    let until = self.clock.now() + (*pause).min(LONGEST_PAUSE);
                    busy.insert(host(&picture.url), until);
                }
                results.push((picture, fetched));
            }
            drop(fetching);
            let changed = self.write_fetched(&results, &waiting, &busy).await?;
            for library in changed {
                self.announce_library(library).await;
            }
        }
        Ok(n_fetched)
    }

    /// Fetches one picture of a provider because somebody wants to see it now.
    pub(crate) async fn fetch_image(&self, id: ImageId) -> Result<()> {
        let _turn = self.gallery.turn(&id.to_string()).await;
        let mut db = self.connection().await?;
        let Some(picture) = find_remote(&mut db, id).await? else { return Ok(()) };
        let refused = |problem: String| Err(Error::conflict("images.unfetchable", problem));
        // One that just failed is not asked for with every look at the page.
        if let Some(problem) = picture.problem.clone()
            && (picture.is_in_vain || picture.fetch_after.is_some_and(|it| it > self.clock.now()))
        {
            return refused(problem);
        }
        drop(db);
        let fetched = self.gallery.fetch(&picture.url).await?;
        let problem = fetched.as_ref().err().map(ToString::to_string);
        self.write_fetched(&[(picture.into(), fetched)], &[], &HashMap::new()).await?;
        problem.map_or(Ok(()), refused)
    }

    /// Writes what came of a batch in one transaction; returns the libraries that show something new.
    async fn write_fetched(
        &self,
        results: &[(DuePicture, Result<Kept, FetchFailure>)],
        waiting: &[DuePicture],
        busy: &HashMap<String, DateTime<Utc>>,
    ) -> Result<Vec<LibraryId>> {
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let mut new = Vec::new();
        for (picture, fetched) in results {
            match fetched {
                Ok(kept) => {
                    update_fetched(&mut tx, picture.id, kept).await?;
                    new.push(picture.id.0);
                }
                Err(failure) => {
                    let failed = self.failed(picture, failure);
                    put_off(&mut tx, picture.id, &failed).await?;
                    if failed.fetch_after.is_none() {
                        promote_next(&mut tx, picture.id).await?;
                    }
                }
            }
        }
        for picture in waiting {
            let failed = Failed {
                fetch_after: busy.get(&host(&picture.url)).copied(),
                attempts: picture.fetch_attempts,
                problem: None,
            };
            put_off(&mut tx, picture.id, &failed).await?;
        }
        let changed = bump_libraries(&mut tx, &new).await?;
        tx.commit().await?;
        Ok(changed)
    }

    fn failed(&self, picture: &DuePicture, failure: &FetchFailure) -> Failed {
        let attempts = picture.fetch_attempts.saturating_add(1);
        let problem = Some(failure.to_string().replace('\0', ""));
        let fetch_after = match failure {
            FetchFailure::Later { retry_after, .. } if attempts < MAX_ATTEMPTS => {
                let doubled = FIRST_PAUSE * 2_u32.pow(picture.fetch_attempts.clamp(0, 10) as u32);
                let pause = retry_after.unwrap_or_default().max(doubled).min(LONGEST_PAUSE);
                Some(self.clock.now() + pause)
            }
            FetchFailure::Later { .. } | FetchFailure::InVain(_) => None,
        };
        Failed { fetch_after, attempts, problem }
    }
}

fn host(url: &str) -> String {
    let parsed = url::Url::parse(url).ok();
    parsed.and_then(|it| Some(it.host_str()?.to_owned())).unwrap_or_default()
}

#[cfg(test)]
mod tests;
