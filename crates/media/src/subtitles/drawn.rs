//! Subtitles that are pictures, made into small PNG images with the times and places at which they are shown: what any client
//! can lay over a film, so that no picture need be made anew for them.

mod pgs;
mod png;
mod vobsub;

use crate::samples::TextCue;
use crate::{Codec, Stream};

/// A picture stays no longer than this where nothing ends it.
const MAX_SHOWN_MS: i64 = 30_000;
/// Pictures with more pixels than this are larger than any film's.
const MAX_PIXELS: usize = 4096 * 2304;

/// A picture that is shown for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawnCue {
    /// Milliseconds from the beginning of the film.
    pub start_ms: i64,
    /// When it is gone; later than `start_ms`.
    pub end_ms: i64,
    /// Shown even where no subtitles are wanted: what is foreign to the film's audience.
    pub is_forced: bool,
    /// Pixels from the left and the top of the canvas.
    pub place: (u32, u32),
    /// Width and height in pixels of the canvas.
    pub size: (u32, u32),
    /// The picture, as PNG.
    pub png: Vec<u8>,
}

/// Pictures, and what their places are counted on.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Width and height in pixels. It has the film's width where it has another shape: the film's black bars were cut off then.
    pub canvas: (u32, u32),
    /// In the order of time.
    pub cues: Vec<DrawnCue>,
}

/// Indices into a palette of red, green, blue and opacity.
#[derive(Debug)]
struct Bitmap {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

type Palette = [[u8; 4]; 256];

/// Draws the samples of a stream, in the order of time. What cannot be read is left out. `None` for a codec that is not drawn.
pub fn draw(stream: &Stream, description: &[u8], samples: &[TextCue]) -> Option<Drawn> {
    match stream.codec {
        Codec::HdmvPgs => Some(pgs::draw(samples)),
        Codec::DvdSubtitle => Some(vobsub::draw(stream, description, samples)),
        _ => None,
    }
}

/// Whether drawing can begin with this sample, without those before it.
pub fn is_beginning(codec: &Codec, sample: &[u8]) -> bool {
    *codec != Codec::HdmvPgs || pgs::is_beginning(sample)
}

impl Bitmap {
    /// `None` for a size that no picture has.
    fn new(width: usize, height: usize) -> Option<Self> {
        let n_pixels = width.checked_mul(height).filter(|it| (1..=MAX_PIXELS).contains(it))?;
        Some(Self { width, height, pixels: vec![0; n_pixels] })
    }

    /// Paints pixels of a row; those beyond its end are cut off.
    fn paint(&mut self, x: usize, y: usize, n: usize, color: u8) {
        let end = x.saturating_add(n).min(self.width);
        if y < self.height && x < end {
            self.pixels[y * self.width + x..y * self.width + end].fill(color);
        }
    }
}

fn byte(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).copied()
}

fn be16(bytes: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_be_bytes([byte(bytes, at)?, byte(bytes, at + 1)?])))
}
