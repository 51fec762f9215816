//! What delivering a picture costs the first time: decoding a poster of 2000 by 3000 pixels, making it smaller, and writing it
//! in each format. The poster is drawn: slopes with a grain and edges, about as hard to pack as a photograph.

use std::io::Cursor;

use catalog::images::size::{Format, resized};
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

fn main() {
    let poster = poster();
    for format in [Format::Jpeg, Format::WebP, Format::Avif] {
        for width in [320, 640, 1280] {
            let bytes = resized(&poster, width, format).expect("a picture").bytes.len();
            println!("{format:?} {width}: {bytes} bytes");
        }
    }
    divan::main();
}

fn poster() -> Vec<u8> {
    let mut grain = 1_u32;
    let picture = RgbImage::from_fn(2000, 3000, |x, y| {
        grain = grain.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = (grain >> 28) as f32;
        let wave = |scale: f32, turn: f32| {
            ((x as f32 / scale + turn).sin() * (y as f32 / scale - turn).cos() + 1.0) * 90.0
        };
        let edge = if (x / 170 + y / 230).is_multiple_of(3) { 40.0 } else { 0.0 };
        Rgb([310.0, 170.0, 95.0].map(|scale| (wave(scale, scale) + edge + grain) as u8))
    });
    let mut bytes = Cursor::new(Vec::new());
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 90)).expect("a JPEG");
    bytes.into_inner()
}

#[divan::bench(args = [320, 640, 1280], sample_count = 10)]
fn jpeg(bencher: divan::Bencher<'_, '_>, width: u32) {
    of(bencher, width, Format::Jpeg);
}

#[divan::bench(args = [320, 640, 1280], sample_count = 10)]
fn webp(bencher: divan::Bencher<'_, '_>, width: u32) {
    of(bencher, width, Format::WebP);
}

#[divan::bench(args = [320, 640, 1280], sample_count = 10)]
fn avif(bencher: divan::Bencher<'_, '_>, width: u32) {
    of(bencher, width, Format::Avif);
}

fn of(bencher: divan::Bencher<'_, '_>, width: u32, format: Format) {
    let poster = poster();
    bencher.bench_local(|| resized(&poster, width, format).expect("a picture"));
}
