use kernel::id::{ImageId, ItemId};

use crate::artwork::picture::PictureError;
use crate::sample::pictures::{PictureServer, bomb};
use crate::sample::{
    NewItem, Sample, find_image_state, insert_credit, insert_remote_image, insert_remote_portrait,
    run,
};

/// Fetches what is due and says how many came.
async fn fetch(it: &Sample) -> u64 {
    it.catalog.fetch_due_images(&|_| true).await.expect("fetched")
}

async fn remote(it: &Sample, item: ItemId, role: &str, rank: i16, url: &str) -> ImageId {
    let mut db = it.catalog.connection().await.expect("a connection");
    insert_remote_image(&mut db, item, role, rank, url).await
}

async fn state(it: &Sample, image: ImageId) -> String {
    let mut db = it.catalog.connection().await.expect("a connection");
    find_image_state(&mut db, image, it.catalog.clock.now()).await
}

#[tokio::test]
async fn only_pictures_that_are_shown_are_fetched_by_themselves() {
    let it = Sample::start().await;
    let server = PictureServer::start().await;
    let film = it.item(NewItem::film(it.library("Films").await, "Akira")).await;
    let first = remote(&it, film, "poster", 200, &server.url("a.png")).await;
    let second = remote(&it, film, "poster", 201, &server.url("bb.png")).await;
    let backdrop = remote(&it, film, "backdrop", 200, &server.url("ccc.png")).await;
    assert_eq!(fetch(&it).await, 2);
    assert!(state(&it, first).await.starts_with("image/png 90x60 32 #"));
    assert!(state(&it, backdrop).await.starts_with("image/png 90x60 32 #"));
    assert_eq!(state(&it, second).await, "waits for somebody");
    assert_eq!(fetch(&it).await, 0, "nothing is fetched twice");
    assert_eq!([server.n_asked("a.png"), server.n_asked("bb.png")], [1, 0]);

    // Once the first is gone, the second is the one shown.
    let mut db = it.catalog.connection().await.expect("a connection");
    run(&mut db, "DELETE FROM image WHERE item_id = $1 AND role = 'poster' AND rank = 200", film)
        .await;
    crate::artwork::reconsider(&mut db, &[film.0]).await.expect("reconsidered");
    assert_eq!(fetch(&it).await, 1);
    assert!(state(&it, second).await.starts_with("image/png"));
}

#[tokio::test]
async fn portraits_are_fetched_for_those_who_are_in_the_cast() {
    let it = Sample::start().await;
    let server = PictureServer::start().await;
    let film = it.item(NewItem::film(it.library("Films").await, "Akira")).await;
    let mut db = it.catalog.connection().await.expect("a connection");
    let person = insert_credit(&mut db, film, "Jo Field").await;
    let portrait = insert_remote_portrait(&mut db, person, &server.url("jo.png")).await;
    assert_eq!(fetch(&it).await, 1);
    assert!(state(&it, portrait).await.starts_with("image/png"));
}

#[tokio::test]
async fn what_is_no_picture_is_never_asked_for_again_and_the_next_takes_its_place() {
    let it = Sample::start().await;
    let server = PictureServer::start().await;
    let library = it.library("Films").await;
    let bad = [
        ("html", "not a JPEG, PNG, WebP or GIF picture"),
        ("truncated", "the picture is damaged"),
        ("bomb", "the picture has 100000 x 100000 pixels"),
        ("huge", "its answer is larger than 1048576 bytes"),
        ("private", "refused: its address is not a public one"),
        ("gone", "it answered with status 404"),
    ];
    let mut rows = Vec::new();
    for (path, _) in bad {
        let film = it.item(NewItem::film(library, path)).await;
        let first = remote(&it, film, "poster", 200, &server.url(path)).await;
        let next = remote(&it, film, "poster", 201, &server.url(&format!("{path}.png"))).await;
        rows.push((first, next));
    }
    let film = it.item(NewItem::film(library, "No address")).await;
    let nonsense = remote(&it, film, "poster", 200, "no address").await;
    assert_eq!(fetch(&it).await, 6);
    assert_eq!(state(&it, nonsense).await, "in vain: it is no address");
    for ((path, problem), (first, next)) in bad.iter().zip(&rows) {
        let told = state(&it, *first).await;
        assert!(told.starts_with("in vain") && told.contains(problem), "{path}: {told}");
        assert!(state(&it, *next).await.starts_with("image/png"), "{path}");
    }
    it.pass(60 * 24 * 30);
    assert_eq!(fetch(&it).await, 0);
    assert!(bad.iter().all(|(path, _)| server.n_asked(path) == 1));
    assert!(matches!(
        crate::artwork::picture::read(&bomb()),
        Err(PictureError::TooManyPixels { width: 100_000, height: 100_000 })
    ));
}

#[tokio::test]
async fn a_host_in_trouble_is_asked_again_ever_more_rarely() {
    let it = Sample::start().await;
    let server = PictureServer::start().await;
    let film = it.item(NewItem::film(it.library("Films").await, "Akira")).await;
    let broken = remote(&it, film, "poster", 200, &server.url("broken")).await;
    let mended = remote(&it, film, "backdrop", 200, &server.url("second-time")).await;
    assert_eq!(fetch(&it).await, 0);
    let waiting = state(&it, broken).await;
    assert!(
        waiting.starts_with("again in 10 min: ") && waiting.ends_with("with status 500"),
        "{waiting}"
    );
    it.pass(9);
    assert_eq!(fetch(&it).await, 0);
    assert_eq!(server.n_asked("broken"), 1, "it is too early");
    it.pass(2);
    assert_eq!(fetch(&it).await, 1);
    assert!(state(&it, mended).await.starts_with("image/png"));
    assert!(state(&it, broken).await.starts_with("again in 20 min"));
    for _ in 0..12 {
        it.pass(60 * 48);
        fetch(&it).await;
    }
    assert_eq!(server.n_asked("broken"), 10, "one day it is given up");
    assert!(state(&it, broken).await.starts_with("in vain"));
}

#[tokio::test]
async fn a_host_that_is_busy_is_left_alone_for_as_long_as_it_wants() {
    let it = Sample::start().await;
    let server = PictureServer::start().await;
    let library = it.library("Films").await;
    let mut images = Vec::new();
    for n in 0..60 {
        let film = it.item(NewItem::film(library, &format!("Film {n}"))).await;
        images.push(remote(&it, film, "poster", 200, &server.url("busy")).await);
    }
    assert_eq!(fetch(&it).await, 0);
    assert!(server.n_asked("busy") <= 40, "of the first batch some were on their way");
    let last = images.last().copied().expect("one");
    assert_eq!(state(&it, last).await, "again in 120 min: ");
    it.pass(119);
    let before = server.n_asked("busy");
    fetch(&it).await;
    assert_eq!(server.n_asked("busy"), before);
}
