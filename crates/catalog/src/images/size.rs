//! Pictures made smaller. Pure, and slow: call it on a thread that may block.

use anyhow::{Context as _, Result, anyhow};
use fast_image_resize::{IntoImageView as _, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{DynamicImage, ExtendedColorType, ImageEncoder as _};
use ravif::{BitDepth, Img, RGB8, RGBA8};

use crate::artwork::picture;

/// The widths there are: a wish is answered with the next larger one, so that few variants serve all screens.
const WIDTHS: [u32; 8] = [160, 240, 320, 480, 640, 960, 1280, 1920];
/// Good enough that nobody sees it on a poster, and half the bytes of 95.
const JPEG_QUALITY: u8 = 82;
/// As good to the eye as that JPEG, in a third of its bytes.
const WEBP_QUALITY: f32 = 78.0;
const AVIF_QUALITY: f32 = 65.0;
/// Of 10: the slower ones save a few bytes more and take twice as long each.
const AVIF_SPEED: u8 = 9;
/// Wider AVIF is made only for those who take nothing else: it takes a processor for seconds.
pub(super) const MAX_AVIF_LATER: u32 = 960;

/// The width served to who asks for `wish`.
pub(super) fn snapped(wish: u32) -> u32 {
    WIDTHS.into_iter().find(|it| *it >= wish).unwrap_or(WIDTHS[WIDTHS.len() - 1])
}

/// What a variant is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Smallest, and slow to make.
    Avif,
    /// Small and quick to make.
    WebP,
    /// For every client.
    Jpeg,
    /// For every client, where something shows through: answers a wish for JPEG then.
    Png,
}

impl Format {
    pub(super) fn mime(self) -> &'static str {
        match self {
            Self::Avif => "image/avif",
            Self::WebP => "image/webp",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// The ending of its files, and its mark in a tag.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Avif => "avif",
            Self::WebP => "webp",
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }

    /// What may be the answer to a wish for it.
    pub(super) fn answers(self) -> &'static [Self] {
        match self {
            Self::Avif => &[Self::Avif],
            Self::WebP => &[Self::WebP],
            Self::Jpeg | Self::Png => &[Self::Jpeg, Self::Png],
        }
    }
}

/// A picture made smaller.
#[derive(Debug)]
pub struct Resized {
    /// The file.
    pub bytes: Vec<u8>,
    /// What it is written as.
    pub format: Format,
}

/// `original` at `width` pixels, its sides in proportion, turned upright. Never larger than it was.
pub fn resized(original: &[u8], width: u32, wish: Format) -> Result<Resized> {
    let (_, picture) = picture::decode(original)?;
    let target = width.min(picture.width());
    let height = (u64::from(picture.height()) * u64::from(target))
        .div_ceil(u64::from(picture.width().max(1)));
    shrunk(picture, (target, u32::try_from(height)?.max(1)), wish)
}

/// The middle of `original` as a square of at most `side` pixels, as WebP.
pub fn portrait(original: &[u8], side: u32) -> std::result::Result<Vec<u8>, PortraitError> {
    let (mime, picture) = picture::decode(original)?;
    if !PORTRAITS.contains(&mime) {
        return Err(PortraitError::Unsupported);
    }
    let (width, height) = (picture.width(), picture.height());
    let edge = width.min(height).max(1);
    let middle = picture.crop_imm((width - edge) / 2, (height - edge) / 2, edge, edge);
    let side = side.min(edge);
    Ok(shrunk(middle, (side, side), Format::WebP)?.bytes)
}

/// What portraits are made of.
const PORTRAITS: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];

/// Why no portrait was made.
#[derive(Debug, thiserror::Error)]
pub enum PortraitError {
    /// It moves.
    #[error("not a JPEG, PNG or WebP picture")]
    Unsupported,
    /// It is none, or too large.
    #[error(transparent)]
    Picture(#[from] picture::PictureError),
    /// It cannot be written.
    #[error("the picture cannot be made smaller: {0:#}")]
    Unwritable(#[from] anyhow::Error),
}

/// `picture` at exactly this size.
fn shrunk(picture: DynamicImage, (width, height): (u32, u32), wish: Format) -> Result<Resized> {
    let has_holes = has_holes(&picture);
    let picture = if has_holes {
        DynamicImage::ImageRgba8(picture.into_rgba8())
    } else {
        DynamicImage::ImageRgb8(picture.into_rgb8())
    };
    let pixels = picture.pixel_type().context("a picture of bytes")?;
    let mut small = fast_image_resize::images::Image::new(width, height, pixels);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(fast_image_resize::FilterType::Lanczos3));
    Resizer::new().resize(&picture, &mut small, &options)?;
    let format = match wish {
        Format::Jpeg | Format::Png if has_holes => Format::Png,
        Format::Jpeg | Format::Png => Format::Jpeg,
        other => other,
    };
    let small =
        Small { width: small.width(), height: small.height(), bytes: small.buffer(), has_holes };
    Ok(Resized { bytes: small.encoded(format)?, format })
}

/// Whether anything shows through. Many a PNG has an alpha channel that says nothing.
fn has_holes(picture: &DynamicImage) -> bool {
    picture.color().has_alpha() && picture.to_rgba8().pixels().any(|it| it.0[3] != u8::MAX)
}

/// Pixels of three bytes, or of four with holes.
struct Small<'a> {
    width: u32,
    height: u32,
    bytes: &'a [u8],
    has_holes: bool,
}

impl Small<'_> {
    fn encoded(&self, format: Format) -> Result<Vec<u8>> {
        let Self { width, height, bytes: pixels, has_holes } = *self;
        let color = if has_holes { ExtendedColorType::Rgba8 } else { ExtendedColorType::Rgb8 };
        let mut bytes = Vec::new();
        match format {
            Format::Avif => return self.avif(),
            Format::WebP => return self.webp(),
            Format::Jpeg => JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)
                .write_image(pixels, width, height, color)?,
            Format::Png => PngEncoder::new(&mut bytes).write_image(pixels, width, height, color)?,
        }
        Ok(bytes)
    }

    fn webp(&self) -> Result<Vec<u8>> {
        let Self { width, height, bytes, has_holes } = *self;
        let encoder = if has_holes {
            webp::Encoder::from_rgba(bytes, width, height)
        } else {
            webp::Encoder::from_rgb(bytes, width, height)
        };
        let written = encoder.encode_simple(false, WEBP_QUALITY);
        Ok(written.map_err(|error| anyhow!("libwebp refused: {error:?}"))?.to_vec())
    }

    fn avif(&self) -> Result<Vec<u8>> {
        let Self { width, height, bytes, has_holes } = *self;
        let (width, height) = (width as usize, height as usize);
        let encoder = ravif::Encoder::new()
            .with_quality(AVIF_QUALITY)
            .with_alpha_quality(AVIF_QUALITY)
            .with_speed(AVIF_SPEED)
            .with_bit_depth(BitDepth::Eight)
            .with_num_threads(Some(1));
        let written = if has_holes {
            let pixels: Vec<RGBA8> = bytes
                .as_chunks::<4>()
                .0
                .iter()
                .map(|[r, g, b, a]| RGBA8::new(*r, *g, *b, *a))
                .collect();
            encoder.encode_rgba(Img::new(&pixels, width, height))?
        } else {
            let pixels: Vec<RGB8> =
                bytes.as_chunks::<3>().0.iter().map(|[r, g, b]| RGB8::new(*r, *g, *b)).collect();
            encoder.encode_rgb(Img::new(&pixels, width, height))?
        };
        Ok(written.avif_file)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

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
        for format in [Format::Jpeg, Format::WebP] {
            let small = resized(&original, 160, format).expect("a picture");
            assert_eq!(small.format, format);
            let seen = image::load_from_memory(&small.bytes).expect("a picture");
            assert_eq!(seen.dimensions(), (160, 240));
            let large = resized(&original, 1920, format).expect("a picture");
            let seen = image::load_from_memory(&large.bytes).expect("a picture");
            assert_eq!(seen.dimensions(), (400, 600));
        }
    }

    #[test]
    fn avif_is_avif_of_the_right_size() {
        for original in [
            DynamicImage::ImageRgb8(RgbImage::from_pixel(240, 180, Rgb([200, 10, 10]))),
            DynamicImage::ImageRgba8(RgbaImage::from_pixel(240, 180, Rgba([200, 10, 10, 90]))),
        ] {
            let small = resized(&png(&original), 160, Format::Avif).expect("a picture");
            assert_eq!(&small.bytes[4..12], b"ftypavif");
            let at = small.bytes.windows(4).position(|it| it == b"ispe").expect("its size") + 8;
            let side = |at: usize| {
                u32::from_be_bytes(small.bytes[at..at + 4].try_into().expect("four bytes"))
            };
            assert_eq!((side(at), side(at + 4)), (160, 120));
        }
    }

    #[test]
    fn a_logo_keeps_what_shows_through() {
        let logo =
            png(&DynamicImage::ImageRgba8(RgbaImage::from_pixel(300, 100, Rgba([0, 0, 255, 0]))));
        for (wish, format) in [
            (Format::WebP, Format::WebP),
            (Format::Jpeg, Format::Png),
            (Format::Avif, Format::Avif),
        ] {
            assert_eq!(resized(&logo, 160, wish).expect("a picture").format, format);
        }
        let webp = resized(&logo, 160, Format::WebP).expect("a picture");
        let seen = image::load_from_memory(&webp.bytes).expect("a WebP");
        assert_eq!(seen.get_pixel(80, 20).0[3], 0);
        let opaque =
            png(&DynamicImage::ImageRgba8(RgbaImage::from_pixel(300, 100, Rgba([0, 0, 255, 255]))));
        assert_eq!(resized(&opaque, 160, Format::Jpeg).expect("a picture").format, Format::Jpeg);
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        assert!(resized(b"not a picture", 160, Format::WebP).is_err());
        assert!(resized(b"", 160, Format::WebP).is_err());
    }
}
