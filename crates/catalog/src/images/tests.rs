use image::{DynamicImage, Rgb, RgbImage};
use kernel::Error;
use sha2::{Digest as _, Sha256};

use super::*;
use crate::sample::{NewItem, Sample, insert_image, viewer};

/// Puts a picture where originals are kept.
async fn original(it: &Sample, item: kernel::id::ItemId) -> kernel::id::ImageId {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = DynamicImage::ImageRgb8(RgbImage::from_pixel(400, 600, Rgb([200, 10, 10])));
    picture.write_to(&mut bytes, image::ImageFormat::Png).expect("a PNG");
    let hash = Sha256::digest(bytes.get_ref());
    let hex = hash.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let folder = it.catalog.artwork.join(&hex[..2]);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(&hex), bytes.get_ref()).expect("a file");
    let mut db = it.catalog.connection().await.expect("a connection");
    insert_image(&mut db, item, "poster", &hash).await
}

#[tokio::test]
async fn a_picture_is_made_once_and_tagged_by_its_content() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let id = original(&it, film).await;
    let person = viewer(1, [library]);
    let find = async |width| {
        let wish = ImageWish { width, takes_webp: true };
        it.catalog.find_image(&person, id, wish).await.expect("the picture")
    };

    let (small, same) = (find(Some(150)).await, find(Some(160)).await);
    assert_eq!(small.etag(), same.etag());
    let (one, other) = tokio::join!(it.catalog.read_image(&small), it.catalog.read_image(&same));
    let (bytes, mime) = one.expect("made");
    assert_eq!(mime, "image/jpeg");
    assert_eq!(bytes, other.expect("made").0);
    let seen = image::load_from_memory(&bytes).expect("a picture");
    assert_eq!((seen.width(), seen.height()), (160, 240));

    let whole = find(None).await;
    assert_ne!(whole.etag(), small.etag());
    assert_eq!(it.catalog.read_image(&whole).await.expect("read").1, "image/png");
    assert_eq!(find(Some(1000)).await.etag(), whole.etag(), "nothing grows");
}

#[tokio::test]
async fn a_picture_exists_only_for_those_who_see_its_item() {
    let it = Sample::start().await;
    let (mine, other) = (it.library("Mine").await, it.library("Other").await);
    let film = it.item(NewItem::film(other, "Secret")).await;
    let id = original(&it, film).await;
    let hidden = it.catalog.find_image(&viewer(1, [mine]), id, ImageWish::default()).await;
    assert!(matches!(hidden, Err(Error::NotFound(_))));
    assert!(it.catalog.find_image(&viewer(1, [other]), id, ImageWish::default()).await.is_ok());
}

#[tokio::test]
async fn a_picture_whose_file_is_gone_is_not_found() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let mut db = it.catalog.connection().await.expect("a connection");
    let id = insert_image(&mut db, film, "poster", &[7; 32]).await;
    for width in [None, Some(160)] {
        let wish = ImageWish { width, takes_webp: false };
        let found = it.catalog.find_image(&viewer(1, [library]), id, wish).await.expect("its row");
        assert!(matches!(it.catalog.read_image(&found).await, Err(Error::NotFound(_))));
    }
}
