use bytes::Bytes;
use kernel::Error;
use kernel::id::{ImageId, ItemId};

use super::*;
use crate::images::ImageWish;
use crate::sample::pictures::{PictureServer, bomb, png};
use crate::sample::{
    NewItem, Sample, administrator, insert_image, insert_remote_image, run, viewer,
};

fn role(images: &ItemImages, role: ImageRole) -> &RoleImages {
    images.roles.iter().find(|it| it.role == role).expect("every role is told of")
}

/// The poster that a page of the item shows.
async fn shown(it: &Sample, viewer: &kernel::Viewer, item: ItemId) -> Option<ImageId> {
    it.catalog.find_item(viewer, item).await.expect("the item").card.poster.map(|it| it.id)
}

#[tokio::test]
async fn a_chosen_picture_stays_whatever_comes_and_goes_until_it_is_unlocked() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let admin = administrator([library]);
    let mut db = it.catalog.connection().await.expect("a connection");
    let best = insert_image(&mut db, film, "poster", &[1; 32]).await;
    let other = insert_image(&mut db, film, "poster", &[2; 32]).await;
    assert_eq!(shown(&it, &admin, film).await, Some(best));

    let chosen =
        it.catalog.choose_item_image(&admin, film, ImageRole::Poster, other).await.expect("chosen");
    let posters = role(&chosen, ImageRole::Poster);
    assert!(posters.is_locked);
    let told: Vec<_> = posters.images.iter().map(|it| (it.image.id, it.is_shown)).collect();
    assert_eq!(told, [(other, true), (best, false)], "the copy is not told of beside its original");
    assert!(!role(&chosen, ImageRole::Backdrop).is_locked);

    // What it was chosen from vanishes, and something better comes.
    run(&mut db, "DELETE FROM image WHERE item_id = $1", film).await;
    insert_image(&mut db, film, "poster", &[3; 32]).await;
    let images = it.catalog.list_item_images(&admin, film).await.expect("the pictures");
    let kept = &role(&images, ImageRole::Poster).images[0];
    assert_eq!((kept.source, kept.is_shown), (ImageSource::Found, true));
    assert_eq!(shown(&it, &admin, film).await, Some(kept.image.id));
    let whole = it.catalog.find_image(&admin, kept.image.id, ImageWish::default()).await;
    assert!(whole.expect("it is delivered").etag().contains(&"02".repeat(32)));

    let unlocked =
        it.catalog.unlock_item_image(&admin, film, ImageRole::Poster).await.expect("unlocked");
    let posters = role(&unlocked, ImageRole::Poster);
    assert_eq!((posters.is_locked, posters.images.len()), (false, 1));
    assert_eq!(shown(&it, &admin, film).await, Some(posters.images[0].image.id));
}

#[tokio::test]
async fn a_given_picture_finds_its_item_again() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let admin = administrator([library]);
    let bytes = Bytes::from(png(40, 60, [200, 10, 10]));
    let images = it.catalog.add_item_image(&admin, film, ImageRole::Poster, bytes).await;
    let images = images.expect("kept");
    let given = role(&images, ImageRole::Poster).images[0].clone();
    assert_eq!((given.source, given.is_shown), (ImageSource::Upload, true));
    assert_eq!((given.image.width, given.image.height), (Some(40), Some(60)));
    assert!(given.image.blurhash.is_some());

    let mut db = it.catalog.connection().await.expect("a connection");
    run(&mut db, "DELETE FROM item WHERE id = $1", film).await;
    let again = it.item(NewItem::film(library, "Akira")).await;
    crate::personal::adopt(&mut db, &[again]).await.expect("adopted");
    assert_eq!(shown(&it, &admin, again).await, Some(given.image.id));
    let wish = ImageWish::default();
    let delivery = it.catalog.find_image(&admin, given.image.id, wish).await.expect("found");
    assert_eq!(it.catalog.read_image(&delivery).await.expect("read").1, "image/png");

    it.catalog.delete_image(&admin, given.image.id).await.expect("deleted");
    assert_eq!(shown(&it, &admin, again).await, None);
    let gone = it.catalog.delete_image(&admin, given.image.id).await;
    assert!(matches!(gone, Err(Error::NotFound("image"))));
}

#[tokio::test]
async fn what_is_no_picture_is_refused_with_the_reason() {
    let it = Sample::start().await;
    let server = PictureServer::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let admin = administrator([library]);
    let truncated = png(60, 60, [1, 2, 3])[..60].to_vec();
    for bytes in [b"<svg></svg>".to_vec(), truncated, bomb(), Vec::new()] {
        let refused =
            it.catalog.add_item_image(&admin, film, ImageRole::Poster, bytes.into()).await;
        assert!(matches!(refused, Err(Error::Invalid { field, .. }) if field == "body"));
    }
    let add = async |url: String| {
        it.catalog.add_item_image_by_link(&admin, film, ImageRole::Backdrop, url).await
    };
    for url in [
        server.url("html"),
        server.url("private"),
        server.url("gone"),
        "file:///etc/passwd".to_owned(),
        "no address".to_owned(),
        "http://10.0.0.1/a.png".to_owned(),
        format!("https://example.org/{}", "a".repeat(2000)),
    ] {
        let refused = add(url.clone()).await;
        assert!(matches!(refused, Err(Error::Invalid { field, .. }) if field == "url"), "{url}");
    }
    let later = add(server.url("broken")).await.expect_err("it is not there now");
    assert_eq!(later.code(), "images.unfetchable");
    let images = add(server.url("a.png")).await.expect("kept");
    assert_eq!(role(&images, ImageRole::Backdrop).images[0].source, ImageSource::Link);
}

#[tokio::test]
async fn a_providers_picture_is_fetched_when_somebody_looks_at_it_or_chooses_it() {
    let it = Sample::start().await;
    let server = PictureServer::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let admin = administrator([library]);
    let mut db = it.catalog.connection().await.expect("a connection");
    let seen = insert_remote_image(&mut db, film, "poster", 200, &server.url("a.png")).await;
    let chosen = insert_remote_image(&mut db, film, "poster", 201, &server.url("bb.png")).await;
    let bad = insert_remote_image(&mut db, film, "poster", 202, &server.url("html")).await;
    let wish = ImageWish { width: Some(160), ..ImageWish::default() };
    let hidden = it.catalog.find_image(&viewer(2, [library]), seen, wish).await;
    assert!(matches!(hidden, Err(Error::NotFound("image"))), "nobody else makes us ask outside");
    assert_eq!(server.n_asked("a.png"), 0);
    for _ in 0..2 {
        it.catalog.find_image(&admin, seen, wish).await.expect("fetched");
        let refused = it.catalog.find_image(&admin, bad, wish).await.expect_err("no picture");
        assert_eq!(refused.code(), "images.unfetchable");
    }
    assert_eq!([server.n_asked("a.png"), server.n_asked("html")], [1, 1]);
    it.catalog.choose_item_image(&admin, film, ImageRole::Poster, chosen).await.expect("chosen");
    assert_eq!(server.n_asked("bb.png"), 1);
    let refused = it.catalog.choose_item_image(&admin, film, ImageRole::Poster, bad).await;
    assert_eq!(refused.expect_err("no picture").code(), "images.unfetchable");
}

#[tokio::test]
async fn only_administrators_who_see_the_item_choose() {
    let it = Sample::start().await;
    let (mine, other) = (it.library("Mine").await, it.library("Other").await);
    let film = it.item(NewItem::film(other, "Secret")).await;
    let mut db = it.catalog.connection().await.expect("a connection");
    let image = insert_image(&mut db, film, "poster", &[1; 32]).await;
    let bytes = Bytes::from(png(4, 6, [1, 2, 3]));
    let catalog = &it.catalog;
    let poster = ImageRole::Poster;
    for (who, is_forbidden) in [(viewer(1, [other]), true), (administrator([mine]), false)] {
        let refusals = [
            catalog.list_item_images(&who, film).await.err(),
            catalog.choose_item_image(&who, film, poster, image).await.err(),
            catalog.add_item_image(&who, film, poster, bytes.clone()).await.err(),
            catalog.add_item_image_by_link(&who, film, poster, "https://a.b".into()).await.err(),
            catalog.unlock_item_image(&who, film, poster).await.err(),
            catalog.delete_image(&who, image).await.err(),
        ];
        for refusal in refusals {
            let is_right = match refusal.expect("refused") {
                Error::Forbidden(_) => is_forbidden,
                Error::NotFound(_) => !is_forbidden,
                _ => false,
            };
            assert!(is_right);
        }
    }
    let admin = administrator([other]);
    let kept = catalog.delete_image(&admin, image).await.expect_err("nobody gave it");
    assert_eq!(kept.code(), "images.not_given");
    let elsewhere = it.item(NewItem::film(other, "Elsewhere")).await;
    let strange = catalog.choose_item_image(&admin, elsewhere, poster, image).await;
    assert!(matches!(strange, Err(Error::NotFound("image"))), "a picture of another item");
}
