use super::*;

const WIDTH: usize = 64;
const HEIGHT: usize = 36;

/// A picture of squares of `side` pixels between the two brightnesses.
fn squares(side: usize, dark: u8, bright: u8) -> Vec<u8> {
    let at = |n: usize| {
        if (n % WIDTH / side + n / WIDTH / side).is_multiple_of(2) { dark } else { bright }
    };
    (0..WIDTH * HEIGHT).map(at).collect()
}

/// From left to right ever brighter: nothing in it is sharp.
fn slope() -> Vec<u8> {
    (0..WIDTH * HEIGHT).map(|n| (40 + n % WIDTH * 2) as u8).collect()
}

fn letterboxed(mut pixels: Vec<u8>, rows: usize) -> Vec<u8> {
    pixels[..rows * WIDTH].fill(16);
    let behind = pixels.len() - rows * WIDTH;
    pixels[behind..].fill(18);
    pixels
}

fn chosen(pictures: &[Vec<u8>]) -> Option<Choice> {
    let luma: Vec<Luma<'_>> = pictures.iter().map(|it| Luma { width: WIDTH, pixels: it }).collect();
    choose(&luma)
}

#[test]
fn the_picture_taken_is_neither_black_nor_glaring_nor_flat_nor_blurred() {
    let good = squares(4, 60, 180);
    let black = vec![16; WIDTH * HEIGHT];
    for (what, bad) in [
        ("black", black.clone()),
        ("dark", squares(4, 12, 34)),
        ("glaring", vec![250; WIDTH * HEIGHT]),
        ("flat", vec![120; WIDTH * HEIGHT]),
        ("blurred", slope()),
        ("almost without contrast", squares(4, 118, 124)),
    ] {
        for (pictures, index) in [([bad.clone(), good.clone()], 1), ([good.clone(), bad], 0)] {
            assert_eq!(chosen(&pictures).map(|it| it.index), Some(index), "{what}");
        }
    }
    let mut letters = black.clone();
    letters[WIDTH * 18 + 20..WIDTH * 18 + 40].fill(255);
    assert_eq!(chosen(&[black, letters]), None, "credits on black are no picture");
    assert_eq!(chosen(&[good.clone(), good]).map(|it| it.index), Some(0), "of equals the first");
    assert_eq!(chosen(&[]), None);
}

#[test]
fn bars_are_cut_off_where_all_pictures_have_them() {
    let (one, other) = (squares(4, 60, 180), squares(6, 50, 200));
    let crop = |pictures: &[Vec<u8>]| chosen(pictures).expect("a picture").crop;
    let cut = crop(&[letterboxed(one.clone(), 5), letterboxed(other.clone(), 4)]);
    assert_eq!((cut.top, cut.bottom), (4.0 / HEIGHT as f32, 4.0 / HEIGHT as f32));
    assert_eq!((cut.left, cut.right), (0.0, 0.0));
    // A black frame tells nothing.
    let black = vec![16; WIDTH * HEIGHT];
    let bars = 5.0 / HEIGHT as f32;
    assert_eq!(
        crop(&[black, letterboxed(one.clone(), 5), letterboxed(other.clone(), 5)]),
        Crop { top: bars, bottom: bars, ..Crop::default() }
    );
    for not_told in [
        vec![letterboxed(one.clone(), 5)],
        vec![letterboxed(one.clone(), 5), other.clone()],
        vec![letterboxed(one, 14), letterboxed(other, 14)],
    ] {
        assert_eq!(crop(&not_told), Crop::default());
    }
}

#[test]
fn pictures_are_told_apart_and_half_ones_left_out() {
    let scan = [0xff, 0xda, 0, 2, 1, 0xff, 0, 0xff, 0xd3, 2];
    // A comment that holds what looks like the end.
    let picture =
        [&[0xff, 0xd8, 0xff, 0xfe, 0, 4, 0xff, 0xd9][..], &scan, &[0xff, 0xff, 0xd9]].concat();
    let stream = [&picture[..], &picture, &picture[..picture.len() - 1]].concat();
    assert_eq!(split(&stream), [&picture[..], &picture]);
    assert!(split(b"not a picture").is_empty());
    assert!(split(&[0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff]).is_empty());
}
