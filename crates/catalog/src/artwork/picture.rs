//! Bytes that are said to be a picture: whether they are, how large it is, and what stands for it while it loads. Pure, and
//! slow: call it on a thread that may block.

use std::io::Cursor;

use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use media::frame::Crop;

/// Larger files are no artwork.
pub const MAX_BYTES: u64 = 20 * 1024 * 1024;
/// Width by height at the most.
const MAX_PIXELS: u64 = 40_000_000;
/// What decoding may take: eight bytes for each of those pixels.
const MAX_MEMORY: u64 = MAX_PIXELS * 8;
/// The longer side of the thumbnail that blurhash and colour are made of.
const THUMBNAIL_SIDE: u32 = 32;
/// Components of the blurhash along the longer and the shorter side.
const COMPONENTS: (u32, u32) = (4, 3);
const JPEG_QUALITY: u8 = 88;

/// What is known of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// MIME type, by content.
    pub mime: &'static str,
    /// Pixels, when it stands upright.
    pub width: u32,
    /// Pixels, when it stands upright.
    pub height: u32,
    /// What stands for it while it loads.
    pub blurhash: String,
    /// Its most frequent colour, `#rrggbb`.
    pub color: String,
}

/// Why bytes are no picture of ours.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Too many bytes.
    #[error("the picture is larger than {} MB", MAX_BYTES / 1024 / 1024)]
    TooLarge,
    /// Of another kind, or no picture at all.
    #[error("not a JPEG, PNG, WebP or GIF picture")]
    Unsupported,
    /// More pixels than a screen ever shows.
    #[error("the picture has {width} x {height} pixels, more than {} million", MAX_PIXELS / 1_000_000)]
    TooManyPixels {
        /// As its header says.
        width: u32,
        /// As its header says.
        height: u32,
    },
    /// It begins like a picture and does not go on like one.
    #[error("the picture is damaged: {0}")]
    Damaged(String),
}

/// Looks at `bytes`, and decodes them to the end.
pub fn read(bytes: &[u8]) -> Result<Picture, PictureError> {
    let (mime, decoded) = decode(bytes)?;
    let (width, height) = (decoded.width(), decoded.height());
    let small = decoded.resize(THUMBNAIL_SIDE, THUMBNAIL_SIDE, FilterType::Triangle).to_rgba8();
    let (long, short) = COMPONENTS;
    let (across, down) = if width >= height { (long, short) } else { (short, long) };
    let blurhash = blurhash::encode(across, down, small.width(), small.height(), small.as_raw())
        .map_err(|error| PictureError::Damaged(error.to_string()))?;
    let color = dominant_color(small.pixels().map(|it| it.0));
    Ok(Picture { mime, width, height, blurhash, color })
}

/// The middle of a frame, cut to the shape of a poster (2:3), as JPEG.
pub fn poster_of(frame: &[u8]) -> Result<Vec<u8>, PictureError> {
    let (_, decoded) = decode(frame)?;
    let width = (decoded.height() * 2 / 3).clamp(1, decoded.width());
    jpeg(&decoded.crop_imm((decoded.width() - width) / 2, 0, width, decoded.height()))
}

/// What is left of a frame without `crop`, as JPEG; `None` where nothing is cut off.
pub fn cropped(frame: &DynamicImage, crop: Crop) -> Option<Result<Vec<u8>, PictureError>> {
    if crop == Crop::default() {
        return None;
    }
    let part = |size: u32, part: f32| (size as f32 * part).ceil() as u32;
    let (left, top) = (part(frame.width(), crop.left), part(frame.height(), crop.top));
    let width = frame.width().saturating_sub(left + part(frame.width(), crop.right)).max(1);
    let height = frame.height().saturating_sub(top + part(frame.height(), crop.bottom)).max(1);
    Some(jpeg(&frame.crop_imm(left, top, width, height)))
}

fn jpeg(picture: &DynamicImage) -> Result<Vec<u8>, PictureError> {
    let mut bytes = Cursor::new(Vec::new());
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
    let written = picture.to_rgb8().write_with_encoder(encoder);
    written.map_err(|error| PictureError::Damaged(error.to_string()))?;
    Ok(bytes.into_inner())
}

/// The pixels of a picture, turned upright, with its MIME type. What its header promises is bounded before it is decoded.
pub fn decode(bytes: &[u8]) -> Result<(&'static str, DynamicImage), PictureError> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(PictureError::TooLarge);
    }
    let damaged = |error: image::ImageError| PictureError::Damaged(error.to_string());
    let format = image::guess_format(bytes).map_err(|_| PictureError::Unsupported)?;
    let mime = match format {
        ImageFormat::Jpeg => "image/jpeg",
        ImageFormat::Png => "image/png",
        ImageFormat::WebP => "image/webp",
        ImageFormat::Gif => "image/gif",
        _ => return Err(PictureError::Unsupported),
    };
    let reader = || ImageReader::with_format(Cursor::new(bytes), format);
    let (width, height) = reader().into_dimensions().map_err(damaged)?;
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureError::TooManyPixels { width, height });
    }
    let mut reader = reader();
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let orientation = decoder.orientation().map_err(damaged)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    picture.apply_orientation(orientation);
    Ok((mime, picture))
}

/// The mean of the colours that fall into the fullest of 4096 boxes; what is transparent does not count.
fn dominant_color(pixels: impl Iterator<Item = [u8; 4]>) -> String {
    let mut boxes = std::collections::BTreeMap::<[u8; 3], (u32, [u32; 3])>::new();
    for [red, green, blue, alpha] in pixels {
        if alpha >= 128 {
            let (count, sums) = boxes.entry([red >> 4, green >> 4, blue >> 4]).or_default();
            *count += 1;
            for (sum, value) in sums.iter_mut().zip([red, green, blue]) {
                *sum += u32::from(value);
            }
        }
    }
    let fullest = boxes.into_values().max_by_key(|(count, _)| *count);
    let [red, green, blue] = fullest.map_or([0; 3], |(count, sums)| sums.map(|it| it / count));
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    fn png(width: u32, height: u32, color: [u8; 3]) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let picture = RgbImage::from_pixel(width, height, Rgb(color));
        picture.write_to(&mut bytes, ImageFormat::Png).expect("encoded");
        bytes.into_inner()
    }

    #[test]
    fn a_picture_is_measured_and_summed_up() {
        let picture = read(&png(90, 60, [200, 30, 40])).expect("a picture");
        assert_eq!((picture.mime, picture.width, picture.height), ("image/png", 90, 60));
        assert_eq!(picture.color, "#c81e28");
        assert_eq!(picture.blurhash.len(), 28, "one of 4 x 3 components");
    }

    #[test]
    fn a_frame_is_cut_to_a_poster() {
        let poster =
            read(&poster_of(&png(160, 90, [1, 2, 3])).expect("a poster")).expect("a picture");
        assert_eq!((poster.mime, poster.width, poster.height), ("image/jpeg", 60, 90));
    }

    #[test]
    fn what_is_no_picture_says_why() {
        assert!(matches!(read(b"<svg></svg>"), Err(PictureError::Unsupported)));
        let whole = png(64, 64, [9, 9, 9]);
        assert!(matches!(read(&whole[..whole.len() / 2]), Err(PictureError::Damaged(_))));
        // A header that promises 100,000 x 100,000 pixels.
        let mut bomb = whole;
        bomb[16..20].copy_from_slice(&100_000_u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&100_000_u32.to_be_bytes());
        let refused = read(&bomb);
        assert!(matches!(
            refused,
            Err(PictureError::TooManyPixels { .. } | PictureError::Damaged(_))
        ));
        assert!(matches!(read(&vec![0xFF; MAX_BYTES as usize + 1]), Err(PictureError::TooLarge)));
    }
}
