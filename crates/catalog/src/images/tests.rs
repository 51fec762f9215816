use axum::http::{HeaderMap, header};
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
    let path = it.catalog.gallery.path(&hex);
    std::fs::create_dir_all(path.parent().expect("a shelf")).expect("a folder");
    std::fs::write(path, bytes.get_ref()).expect("a file");
    let mut db = it.catalog.connection().await.expect("a connection");
    insert_image(&mut db, item, "poster", &hash).await
}

/// What the `Accept` header of a browser says.
const BROWSER: &str = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8";

fn wish(width: Option<u32>, accept: &str) -> ImageWish {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, accept.parse().expect("a header"));
    ImageWish { width, accept: Accept::of(&headers) }
}

#[tokio::test]
async fn a_picture_is_made_once_and_tagged_by_its_content() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let id = original(&it, film).await;
    let person = viewer(1, [library]);
    let find = async |width, accept| {
        it.catalog.find_image(&person, id, wish(width, accept)).await.expect("the picture")
    };

    let (small, same) = (find(Some(150), "*/*").await, find(Some(160), "image/jpeg").await);
    assert_eq!(small.etag(), same.etag());
    let (one, other) = tokio::join!(it.catalog.read_image(&small), it.catalog.read_image(&same));
    let (bytes, mime) = one.expect("made");
    assert_eq!(mime, "image/jpeg");
    assert_eq!(bytes, other.expect("made").0);
    let seen = image::load_from_memory(&bytes).expect("a picture");
    assert_eq!((seen.width(), seen.height()), (160, 240));

    let whole = find(None, BROWSER).await;
    assert_ne!(whole.etag(), small.etag());
    assert_eq!(it.catalog.read_image(&whole).await.expect("read").1, "image/png");
    let large = find(Some(1900), "image/webp").await;
    assert_eq!(large.etag(), find(Some(400), "image/webp").await.etag(), "nothing grows");
    let (bytes, mime) = it.catalog.read_image(&large).await.expect("made");
    let seen = image::load_from_memory(&bytes).expect("a picture");
    assert_eq!((mime.as_str(), seen.width(), seen.height()), ("image/webp", 400, 600));
    let plain = find(Some(1900), "image/png").await;
    assert_eq!(plain.etag(), whole.etag(), "what fits already is sent as it is");
}

#[tokio::test]
async fn a_browser_gets_webp_at_once_and_avif_when_it_is_made() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let id = original(&it, film).await;
    let person = viewer(1, [library]);
    let read = async |accept| {
        let found = it.catalog.find_image(&person, id, wish(Some(160), accept)).await;
        let found = found.expect("the picture");
        (found.etag(), it.catalog.read_image(&found).await.expect("made").1)
    };
    let (first_tag, first) = read(BROWSER).await;
    assert_eq!(first, "image/webp");
    // Who takes nothing else waits for the one that is being made already.
    let (tag, only) = read("image/avif").await;
    assert_eq!(only, "image/avif");
    assert_ne!(tag, first_tag);
    assert_eq!(read(BROWSER).await, (tag, "image/avif".to_owned()));
    assert_eq!(read("image/webp").await.1, "image/webp");
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
        let wish = ImageWish { width, ..ImageWish::default() };
        let found = it.catalog.find_image(&viewer(1, [library]), id, wish).await.expect("its row");
        assert!(matches!(it.catalog.read_image(&found).await, Err(Error::NotFound(_))));
    }
}
