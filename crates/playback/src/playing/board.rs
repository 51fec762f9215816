//! Where what is played is written down for all nodes: in the cache, one value for each playing and one list of all.

use std::time::Duration;

use cache::Cache;
use kernel::Result;
use uuid::Uuid;

use super::Playing;

/// A player that said nothing for so long plays nothing any more. Browsers let pages in the background speak once a minute.
pub const LIFE: Duration = Duration::from_secs(90);
/// The list is written anew with each playing that begins; none goes on longer than this.
const LIST_LIFE: Duration = Duration::from_hours(7 * 24);
/// From this length on the list is cleared of what is over before it grows.
const CROWDED: usize = 64;
/// The list never grows beyond this; the oldest go first.
const MAX_LISTED: usize = 4096;
const LIST: &str = "all";

/// The board. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Board(Cache);

impl Board {
    /// A board in `cache`, under names of its own.
    pub fn new(cache: &Cache) -> Self {
        Self(cache.prefixed("playing"))
    }

    /// Writes down a playing that begins.
    pub async fn add(&self, playing: &Playing) -> Result<()> {
        self.update(playing).await?;
        let listed = self.listed().await?;
        let mut over = Vec::new();
        if listed.len() >= CROWDED {
            let values = self.0.get_many(&keys(&listed)).await?;
            let gone = listed.iter().zip(values).filter(|it| it.1.is_none()).map(|it| *it.0);
            over.extend(gone);
        }
        let add = |bytes: Option<&[u8]>| {
            let mut ids = read(bytes);
            ids.retain(|it| !over.contains(it) && *it != playing.play_id);
            ids.push(playing.play_id);
            let surplus = ids.len().saturating_sub(MAX_LISTED);
            ids.drain(..surplus);
            serde_json::to_vec(&ids).ok()
        };
        self.0.change(LIST, LIST_LIFE, add).await?;
        Ok(())
    }

    /// Writes down what became of a playing.
    pub async fn update(&self, playing: &Playing) -> Result<()> {
        let bytes = serde_json::to_vec(playing).map_err(anyhow::Error::from)?;
        self.0.set(&playing.play_id.to_string(), bytes, LIFE).await
    }

    /// One playing, unless it is over.
    pub async fn find(&self, play_id: Uuid) -> Result<Option<Playing>> {
        let bytes = self.0.get(&play_id.to_string()).await?;
        Ok(bytes.and_then(|it| serde_json::from_slice(&it).ok()))
    }

    /// All that are not over, in the order in which they began.
    pub async fn list(&self) -> Result<Vec<Playing>> {
        let values = self.0.get_many(&keys(&self.listed().await?)).await?;
        let playings = values.into_iter().flatten();
        Ok(playings.filter_map(|it| serde_json::from_slice(&it).ok()).collect())
    }

    async fn listed(&self) -> Result<Vec<Uuid>> {
        Ok(read(self.0.get(LIST).await?.as_deref()))
    }
}

fn keys(ids: &[Uuid]) -> Vec<String> {
    ids.iter().map(Uuid::to_string).collect()
}

/// What another version wrote and this one does not read is no list.
fn read(bytes: Option<&[u8]>) -> Vec<Uuid> {
    bytes.and_then(|it| serde_json::from_slice(it).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use kernel::Clock;

    use super::super::tests::playing;
    use super::*;

    #[tokio::test]
    async fn what_goes_silent_is_forgotten_and_the_list_does_not_grow_for_ever() {
        let clock = Clock::manual(chrono::DateTime::UNIX_EPOCH);
        let board = Board::new(&Cache::in_process(1 << 20, clock.clone()));
        for number in 0..70 {
            board.add(&playing(number)).await.expect("added");
        }
        assert_eq!(board.list().await.expect("a list").len(), 70);
        clock.advance(LIFE / 2);
        board.update(&playing(7)).await.expect("updated");
        clock.advance(LIFE / 2);
        let left = board.list().await.expect("a list");
        assert_eq!(left, [playing(7)]);
        board.add(&playing(100)).await.expect("added");
        assert_eq!(board.listed().await.expect("a list").len(), 2, "what is over is cleared");
        board.add(&playing(7)).await.expect("added again");
        assert_eq!(board.listed().await.expect("a list").len(), 2);
        assert_eq!(board.find(playing(8).play_id).await.expect("an answer"), None);
    }
}
