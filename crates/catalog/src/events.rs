//! What open pages hear of. An event that cannot be sent is logged and dropped: pages ask again by themselves.

use kernel::event::{Audience, Event};
use kernel::id::{ItemId, LibraryId, PersonId};
use serde_json::json;

use crate::Catalog;
use crate::personal::Progress;

impl Catalog {
    /// Tells the pages of those who see `library` that its content changed, makes kept answers about it anew, and has what
    /// changed brought to the search index. Call it after the commit.
    pub async fn announce_library(&self, library: LibraryId) {
        self.renew(library).await;
        if let Err(error) = (self.enqueue_feed)().await {
            // It comes around by itself.
            tracing::warn!(library.id = %library, %error, "search.feed_not_asked_for");
        }
        self.publish(Event {
            name: "library.changed".to_owned(),
            audience: Audience::Library(library),
            data: json!({ "library_id": library }),
        })
        .await;
    }

    /// Tells the person's own devices how far they are with `item`.
    pub(crate) async fn announce_progress(
        &self,
        person: PersonId,
        item: ItemId,
        progress: &Progress,
    ) {
        self.publish(Event {
            name: "progress.changed".to_owned(),
            audience: Audience::Person(person),
            data: json!({ "item_id": item, "progress": progress }),
        })
        .await;
    }

    /// Sends `event` to every node.
    pub async fn publish(&self, event: Event) {
        if let Err(error) = self.cache.publish(Event::CHANNEL, event.to_bytes()).await {
            tracing::warn!(event.name = event.name, %error, "event.dropped");
        }
    }
}
