use std::fs;
use std::path::Path;

use catalog::artwork::{Artist, Camera, Gallery};
use kernel::{Clock, Rng};
use outbound::{Outbound, Settings};

use crate::films::{dark_then_clear, jpeg, matroska, mp4, numbered};
use crate::house::House;

fn artist(house: &House, folder: &Path) -> Artist {
    let camera = Camera {
        ffmpeg: media::tool::locate("ffmpeg", None),
        has_zscale: false,
        tools: house.scanner.tools.clone(),
    };
    let outbound = Outbound::new(Settings::default(), Clock::system(), Rng::system());
    let gallery = Gallery::new(folder.to_owned(), outbound.expect("a client"), 1);
    Artist { pool: house.pool.clone(), gallery, camera }
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

/// The pictures of an item by role, the one shown first, each by the name of its file.
const GALLERY: &str = "
    SELECT string_agg(role || ': ' || names, E'\n' ORDER BY role) FROM (
        SELECT image.role, string_agg(regexp_replace(file.path, '^[^/]*/', ''), ', ' ORDER BY image.rank) AS names
        FROM image JOIN file ON file.id = image.file_id JOIN item ON item.id = image.item_id
        WHERE item.identity = 'heat|1995' AND image.source = 'local' GROUP BY image.role) AS roles";

#[tokio::test]
async fn every_kind_of_artwork_beside_a_film_is_found_and_put_in_order() {
    let house = House::new().await;
    house.write("Heat (1995)/Heat (1995).mkv", &numbered(matroska(), 1));
    house.write(
        "Heat (1995)/Heat (1995).nfo",
        b"<movie><title>Heat</title><actor><name>Jo Field</name><role>A</role></actor>\
          <actor><name>Ann-Marie O'Day</name></actor></movie>",
    );
    for name in [
        "cover.jpg",
        "folder.jpg",
        "Heat (1995)-poster.jpg",
        "backdrop10.jpg",
        "backdrop2.jpg",
        "backdrop.jpg",
        "fanart.jpg",
        "extrafanart/fanart1.jpg",
        "extrathumbs/thumb1.jpg",
        "clearlogo.png",
        "logo.png",
        "banner.jpg",
        "landscape.jpg",
        "thumb.jpg",
        "discart.png",
        "clearart.png",
        "keyart.jpg",
        "movieset-poster.jpg",
        "movieset-fanart.jpg",
        ".actors/Jo_Field.jpg",
        ".actors/Ann-Marie_O'Day.jpg",
        ".actors/Nobody_Known.jpg",
    ] {
        // Each with a content of its own.
        house.write(&format!("Heat (1995)/{name}"), &[jpeg(), name.as_bytes()].concat());
    }
    house.scan().await;
    let expect = "backdrop: fanart.jpg, backdrop.jpg, backdrop2.jpg, backdrop10.jpg, extrafanart/fanart1.jpg\n\
                  banner: banner.jpg\nclearart: clearart.png\ndisc: discart.png\nkeyart: keyart.jpg\n\
                  logo: clearlogo.png, logo.png\nposter: Heat (1995)-poster.jpg, folder.jpg, cover.jpg\n\
                  set_backdrop: movieset-fanart.jpg\nset_poster: movieset-poster.jpg\n\
                  thumb: landscape.jpg, thumb.jpg, extrathumbs/thumb1.jpg";
    assert_eq!(house.text(GALLERY).await.as_deref(), Some(expect));
    let portraits = "
        SELECT string_agg(person.name, ', ' ORDER BY person.name)
        FROM image JOIN person ON person.id = image.person_id WHERE image.role = 'portrait'";
    assert_eq!(house.text(portraits).await.as_deref(), Some("Ann-Marie O'Day, Jo Field"));

    let kept = tempfile::tempdir().expect("a folder");
    let artist = artist(&house, kept.path());
    assert_eq!(artist.make(house.library, &|_| true).await.expect("made"), 21);
    let unmade = "SELECT count(*) FROM image WHERE content_hash IS NULL OR problem IS NOT NULL";
    assert_eq!(house.count(unmade).await, 0);

    // What is taken away is not shown any more, and nothing is made again.
    fs::remove_file(house.path("Heat (1995)/fanart.jpg")).expect("deleted");
    fs::remove_file(house.path("Heat (1995)/.actors/Jo_Field.jpg")).expect("deleted");
    house.scan().await;
    let left = expect.replace("fanart.jpg, backdrop.jpg", "backdrop.jpg");
    assert_eq!(house.text(GALLERY).await, Some(left));
    assert_eq!(house.text(portraits).await.as_deref(), Some("Ann-Marie O'Day"));
    assert_eq!(artist.make(house.library, &|_| true).await.expect("made"), 0);
}

#[tokio::test]
async fn the_frame_of_a_film_is_neither_black_nor_blurred_and_has_no_bars() {
    let house = House::new().await;
    house.write("Night (2001)/Night (2001).mp4", dark_then_clear());
    house.scan().await;
    let kept = tempfile::tempdir().expect("a folder");
    artist(&house, kept.path()).make(house.library, &|_| true).await.expect("made");
    let frame = "SELECT concat_ws(' ', width, height, encode(content_hash, 'hex')) FROM image WHERE role = 'thumb'";
    let frame = house.text(frame).await.expect("a frame");
    let [width, height, hash] = frame.split(' ').collect::<Vec<_>>()[..] else { panic!("{frame}") };
    let height: u32 = height.parse().expect("a number");
    assert!(
        width == "320" && (120..=140).contains(&height),
        "180 lines without two bars of 24: {height}"
    );
    let bytes = fs::read(kept.path().join(&hash[..2]).join(hash)).expect("the frame");
    let picture = image::load_from_memory(&bytes).expect("a JPEG").to_luma8();
    let pixel = |x: u32, y: u32| i32::from(picture.get_pixel(x, y).0[0]);
    let is_edge = |x: &u32| (pixel(*x, height / 2) - pixel(x - 1, height / 2)).abs() > 25;
    assert!(
        (1..319).filter(is_edge).count() >= 3,
        "it is the clear part, with edges between its colors"
    );
}

#[tokio::test]
async fn a_chosen_picture_goes_along_when_the_film_is_renamed() {
    let house = House::new().await;
    house.write("Heat (1995)/Heat (1995).mkv", &numbered(matroska(), 1));
    house.scan().await;
    house
        .execute(
            "INSERT INTO chosen_image (item_id, item_key, role, source, is_shown, content_hash, mime, width, height,
                                       blurhash, color, person_id)
             SELECT id, 'movie:heat|1995', 'poster', 'upload', TRUE, '\\x01', 'image/png', 4, 6, 'L', '#000000', uuidv7()
             FROM item",
        )
        .await;
    let film = house.path("Fire (1996)/Fire (1996).mkv");
    fs::create_dir_all(film.parent().expect("a folder")).expect("a folder");
    fs::rename(house.path("Heat (1995)/Heat (1995).mkv"), film).expect("renamed");
    house.scan().await;
    let chosen = "SELECT item_key FROM chosen_image JOIN item ON item.id = item_id WHERE item.missing_since IS NULL";
    assert_eq!(house.text(chosen).await.as_deref(), Some("movie:fire|1996"));
}
