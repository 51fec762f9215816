//! Disks that are nearly full.

use ::notices::Disk;
use serde_json::{Value, json};

use super::House;
use crate::app::PASSWORD;

const GIB: u64 = 1 << 30;

impl House {
    /// Looks at a disk with so much free.
    async fn look(&self, id: &str, free_bytes: u64) {
        let disk = Disk {
            place: "/media/films".to_owned(),
            id: id.to_owned(),
            free_bytes,
            total_bytes: 100 * GIB,
        };
        self.app.workshop.notices.look_at_disks(&[disk]).await.expect("looked at");
        self.app.run_jobs().await;
    }

    fn warnings(&self) -> Vec<Value> {
        let all = self.heard("/all").into_iter().map(|it| it.json());
        all.filter(|it| it["kind"] == "storage.low").collect()
    }
}

#[tokio::test]
async fn a_disk_that_fills_is_told_once_each_time_and_to_administrators() {
    let house = House::start().await;
    house.target("/all", json!({})).await;
    house.mailbox(&house.owner, "owner@example.org").await;
    let body = json!({ "name": "ana", "password": PASSWORD, "all_libraries": true });
    let ana = house.app.person(&house.owner, body).await;
    house.mailbox(&ana, "ana@example.org").await;
    let choice = house.app.get(&ana, "/me/notices/targets").await.json()["events"].clone();
    assert!(!choice.to_string().contains("storage.low"), "not hers to choose: {choice}");

    house.look("a", 50 * GIB).await;
    assert_eq!(house.warnings().len(), 0);
    for _ in 0..2 {
        house.look("a", GIB).await;
    }
    let told = house.warnings();
    assert_eq!(told.len(), 1, "{told:?}");
    let subject = &told[0]["subject"];
    assert_eq!(
        *subject,
        json!({ "place": "/media/films", "free_bytes": GIB, "total_bytes": 100 * GIB })
    );
    let letters = house.letters("owner@example.org");
    assert!(letters.iter().any(|it| it.contains("/media/films")), "{letters:?}");
    assert!(house.letters("ana@example.org").iter().all(|it| !it.contains("/media/films")));

    // A little more and less again is no news; another disk is.
    house.look("a", 2 * GIB).await;
    house.look("a", GIB).await;
    assert_eq!(house.warnings().len(), 1);
    house.look("b", GIB).await;
    assert_eq!(house.warnings().len(), 2);

    house.look("a", 50 * GIB).await;
    house.look("a", GIB).await;
    assert_eq!(house.warnings().len(), 3, "it had room meanwhile");
}

#[tokio::test]
async fn the_disks_of_data_and_libraries_are_looked_at_once_each() {
    let house = House::start().await;
    let (_, folder) = house.app.library(&house.owner, "Films").await;
    house.app.library(&house.owner, "Shows").await;
    let disks = revenge::system::disks(&house.app.workshop).await.expect("disks");
    // All folders of a test lie on one disk, which goes by the data folder.
    assert_eq!(disks.len(), 1, "{disks:?}");
    let place = std::path::Path::new(&disks[0].place);
    assert!(!place.starts_with(&folder), "{disks:?}");
    assert!(disks[0].total_bytes >= disks[0].free_bytes && disks[0].total_bytes > 0, "{disks:?}");
    assert!(disks[0].id.len() > 4, "{disks:?}");
}
