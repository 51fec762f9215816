//! Pictures made smaller. Pure, and slow: call it on a thread that may block.

use std::io::Cursor;

use anyhow::{Context as _, Result};
use fast_image_resize::{IntoImageView as _, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageDecoder as _, ImageEncoder as _, ImageReader, Limits};

/// The widths there are: a wish is answered with the next larger one, so that few variants serve all screens.
const WIDTHS: [u32; 8] = [160, 240, 320, 480, 640, 960, 1280, 1920];
/// Good enough that nobody sees it on a poster, and half the bytes of 95.
const JPEG_QUALITY: u8 = 82;
/// Sides of an original at the most, and memory to decode it: what a phone makes passes, a bomb does not.
const MAX_SIDE: u32 = 16_384;
const MAX_BYTES: u64 = 512 * 1024 * 1024;

/// The width served to who asks for `wish`.
pub(super) fn snapped(wish: u32) -> u32 {
    WIDTHS.into_iter().find(|it| *it >= wish).unwrap_or(WIDTHS[WIDTHS.len() - 1])
}

/// What a variant is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Format {
    /// For everything without holes.
    Jpeg,
    /// For pictures with holes (logos), where the client takes it. Lossless: a lossy encoder for Rust is yet to be written.
    WebP,
    /// For pictures with holes, where it does not.
    Png,
}

impl Format {
    pub(super) fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
            Self::Png => "image/png",
        }
    }

    /// What its MIME type says; `None` for what we do not write.
    pub(super) fn of_mime(mime: &str) -> Option<Self> {
        [Self::Jpeg, Self::WebP, Self::Png].into_iter().find(|it| it.mime() == mime)
    }
}

/// A picture made smaller.
pub(super) struct Resized {
    pub bytes: Vec<u8>,
    pub format: Format,
}

/// `original` at `width` pixels, its sides in proportion, turned upright. Never larger than it was.
pub(super) fn resized(original: &[u8], width: u32, takes_webp: bool) -> Result<Resized> {
    let picture = decoded(original)?;
    let target = width.min(picture.width());
    let height = (u64::from(picture.height()) * u64::from(target))
        .div_ceil(u64::from(picture.width().max(1)));
    let has_holes = has_holes(&picture);
    let picture = if has_holes {
        DynamicImage::ImageRgba8(picture.into_rgba8())
    } else {
        DynamicImage::ImageRgb8(picture.into_rgb8())
    };
    let pixels = picture.pixel_type().context("a picture of bytes")?;
    let mut small =
        fast_image_resize::images::Image::new(target, u32::try_from(height)?.max(1), pixels);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(fast_image_resize::FilterType::Lanczos3));
    Resizer::new().resize(&picture, &mut small, &options)?;
    let format = match (has_holes, takes_webp) {
        (false, _) => Format::Jpeg,
        (true, true) => Format::WebP,
        (true, false) => Format::Png,
    };
    Ok(Resized { bytes: encoded(&small, format)?, format })
}

fn decoded(original: &[u8]) -> Result<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(original)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// Whether anything shows through. Many a PNG has an alpha channel that says nothing.
fn has_holes(picture: &DynamicImage) -> bool {
    picture.color().has_alpha() && picture.to_rgba8().pixels().any(|it| it.0[3] != u8::MAX)
}

fn encoded(picture: &fast_image_resize::images::Image<'_>, format: Format) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let (width, height, pixels) = (picture.width(), picture.height(), picture.buffer());
    match format {
        Format::Jpeg => JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).write_image(
            pixels,
            width,
            height,
            image::ExtendedColorType::Rgb8,
        )?,
        Format::WebP => WebPEncoder::new_lossless(&mut bytes).write_image(
            pixels,
            width,
            height,
            image::ExtendedColorType::Rgba8,
        )?,
        Format::Png => PngEncoder::new(&mut bytes).write_image(
            pixels,
            width,
            height,
            image::ExtendedColorType::Rgba8,
        )?,
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use image::{GenericImageView as _, Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;

    fn png(picture: &DynamicImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, image::ImageFormat::Png).expect("a PNG");
        bytes.into_inner()
    }

    #[test]
    fn a_wish_is_answered_with_the_next_width_there_is() {
        for (wish, width) in [(0, 160), (160, 160), (161, 240), (1000, 1280), (4000, 1920)] {
            assert_eq!(snapped(wish), width);
        }
    }

    #[test]
    fn a_picture_keeps_its_proportions_and_never_grows() {
        let original =
            png(&DynamicImage::ImageRgb8(RgbImage::from_pixel(400, 600, Rgb([200, 10, 10]))));
        let small = resized(&original, 160, true).expect("a picture");
        assert_eq!(small.format, Format::Jpeg);
        let seen = image::load_from_memory(&small.bytes).expect("a JPEG");
        assert_eq!(seen.dimensions(), (160, 240));
        let large = resized(&original, 1920, true).expect("a picture");
        assert_eq!(image::load_from_memory(&large.bytes).expect("a JPEG").dimensions(), (400, 600));
    }

    #[test]
    fn a_logo_keeps_what_shows_through() {
        let logo =
            png(&DynamicImage::ImageRgba8(RgbaImage::from_pixel(300, 100, Rgba([0, 0, 255, 0]))));
        assert_eq!(resized(&logo, 160, true).expect("a picture").format, Format::WebP);
        assert_eq!(resized(&logo, 160, false).expect("a picture").format, Format::Png);
        let opaque =
            png(&DynamicImage::ImageRgba8(RgbaImage::from_pixel(300, 100, Rgba([0, 0, 255, 255]))));
        assert_eq!(resized(&opaque, 160, true).expect("a picture").format, Format::Jpeg);
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        assert!(resized(b"not a picture", 160, true).is_err());
        assert!(resized(b"", 160, true).is_err());
    }
}
