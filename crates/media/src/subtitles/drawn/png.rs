//! Palette pictures as PNG.

use super::{Bitmap, Palette};

/// PNG with a palette that has opacities. `None` if it cannot be written, which no bitmap is known to cause.
pub(super) fn encode(bitmap: &Bitmap, palette: &Palette) -> Option<Vec<u8>> {
    let (width, height) = (bitmap.width.try_into().ok()?, bitmap.height.try_into().ok()?);
    let n_colors = usize::from(bitmap.pixels.iter().copied().max()?) + 1;
    let mut bytes = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(::png::ColorType::Indexed);
    encoder.set_depth(::png::BitDepth::Eight);
    encoder.set_palette(
        palette[..n_colors].iter().flat_map(|it| [it[0], it[1], it[2]]).collect::<Vec<u8>>(),
    );
    encoder.set_trns(palette[..n_colors].iter().map(|it| it[3]).collect::<Vec<u8>>());
    // Letters on nothing: rows are runs, which filters only break.
    encoder.set_compression(::png::Compression::Fast);
    encoder.set_filter(::png::Filter::NoFilter);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&bitmap.pixels).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}
