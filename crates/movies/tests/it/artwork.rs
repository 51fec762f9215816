use std::fs;
use std::path::Path;

use catalog::artwork::{Artist, Camera};

use crate::films::{jpeg, matroska, mp4, numbered};
use crate::house::House;

fn artist(house: &House, folder: &Path) -> Artist {
    let camera = Camera {
        ffmpeg: media::tool::locate("ffmpeg", None),
        has_zscale: false,
        tools: house.scanner.tools.clone(),
    };
    Artist { pool: house.pool.clone(), folder: folder.to_owned(), camera }
}

#[tokio::test]
async fn pictures_come_from_the_folder_else_from_the_film() {
    let house = House::new().await;
    house.write("Heat (1995)/Heat (1995).mkv", &numbered(matroska(), 1));
    house.write("Heat (1995)/poster.jpg", jpeg());
    house.write("Heat (1995)/fanart.jpg", b"no picture at all");
    house.write("Dune (2021)/Dune (2021).mp4", mp4());
    house.write("Broken (2000).mkv", b"broken");
    house.scan().await;
    let kept = tempfile::tempdir().expect("a folder");
    let artist = artist(&house, kept.path());
    assert_eq!(artist.make(house.library, &|_| true).await.expect("made"), 3);

    let poster =
        "SELECT concat_ws(' ', source, mime, width, height, length(content_hash), color) FROM image
                  JOIN item ON item.id = item_id WHERE identity = 'heat|1995' AND role = 'poster'";
    let poster = house.text(poster).await.expect("a poster");
    assert!(poster.starts_with("local image/jpeg 60 90 32 #fe"), "{poster}");
    let refused = "SELECT problem FROM image WHERE role = 'backdrop'";
    assert_eq!(house.text(refused).await.as_deref(), Some("not a JPEG, PNG, WebP or GIF picture"));
    let frames = "SELECT string_agg(concat_ws(' ', role, source, width, height), ', ' ORDER BY role) FROM image
                  JOIN item ON item.id = item_id WHERE identity = 'dune|2021'";
    assert_eq!(house.text(frames).await.as_deref(), Some("poster frame 60 90, thumb frame 160 90"));
    let hash = house.text(
        "SELECT encode(content_hash, 'hex') FROM image WHERE source = 'local' AND role = 'poster'",
    );
    let hash = hash.await.expect("a hash");
    assert_eq!(fs::read(kept.path().join(&hash[..2]).join(&hash)).expect("the original"), jpeg());

    // Nothing is made again until its file changes.
    assert_eq!(artist.make(house.library, &|_| true).await.expect("made"), 0);
    house.write("Heat (1995)/fanart.jpg", &[jpeg(), b"x"].concat());
    house.scan().await;
    assert_eq!(artist.make(house.library, &|_| true).await.expect("made"), 1);
    assert_eq!(house.count("SELECT count(*) FROM image WHERE problem IS NOT NULL").await, 0);
}
