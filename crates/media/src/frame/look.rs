//! How good pictures look: bright enough, with contrast, sharp; and where bars are around them.

/// The brightness of a small picture, row by row.
#[derive(Debug, Clone, Copy)]
pub struct Luma<'a> {
    /// Pixels in a row.
    pub width: usize,
    /// One byte a pixel, whole rows.
    pub pixels: &'a [u8],
}

/// The picture to take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// Which of the candidates.
    pub index: usize,
    /// What of it is picture.
    pub crop: Crop,
}

/// What is cut off, as parts of width and height.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Crop {
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
}

/// Below this nothing is to be seen.
const BLACK: f32 = 14.0;
/// A pixel of a bar: black, with what compression makes of it.
const BAR: u8 = 36;
/// From this brightness on a picture is not dark any more, and below that one it is not glaring yet.
const BRIGHT: f32 = 55.0;
const GLARING: f32 = 205.0;
/// A spread of brightness that is plenty.
const PLENTY_OF_CONTRAST: f32 = 50.0;
/// A variance of the Laplacian that is sharp, at some 320 pixels a row.
const SHARP: f32 = 1500.0;
/// Bars that take less of a side than this are none, and those that take more are part of the picture.
const BAR_PARTS: std::ops::Range<f32> = 0.03..0.3;

/// The best of `candidates`; none where all are black. Bars are told by being there in all pictures in which anything can
/// be seen, and by two of those at least.
pub fn choose(candidates: &[Luma<'_>]) -> Option<Choice> {
    let visible: Vec<(usize, Luma<'_>)> = candidates
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, it)| it.height() > 2 && it.width > 2 && !it.is_black())
        .collect();
    let crop = if visible.len() > 1 { common_bars(&visible) } else { Crop::default() };
    let scored = visible.iter().map(|(index, luma)| (*index, luma.within(&crop).score()));
    // Of equals the first.
    let best = scored.reduce(|best, it| if it.1 > best.1 { it } else { best });
    best.map(|(index, _)| Choice { index, crop })
}

fn common_bars(visible: &[(usize, Luma<'_>)]) -> Crop {
    let all = visible.iter().map(|(_, luma)| luma.bars());
    let least = all.reduce(|one, other| Crop {
        left: one.left.min(other.left),
        top: one.top.min(other.top),
        right: one.right.min(other.right),
        bottom: one.bottom.min(other.bottom),
    });
    let least = least.unwrap_or_default();
    // Bars come in pairs: a dark floor is none.
    let pair = |one: f32, other: f32| {
        let is_bars = BAR_PARTS.contains(&one) && BAR_PARTS.contains(&other);
        if is_bars { (one, other) } else { (0.0, 0.0) }
    };
    let (left, right) = pair(least.left, least.right);
    let (top, bottom) = pair(least.top, least.bottom);
    Crop { left, top, right, bottom }
}

/// A part of a picture.
struct Part {
    width: usize,
    pixels: Vec<u8>,
}

impl Luma<'_> {
    fn height(&self) -> usize {
        self.pixels.len() / self.width.max(1)
    }

    fn is_black(&self) -> bool {
        let bright = self.pixels.iter().filter(|it| **it > BAR).count();
        // A few letters on black are no picture either.
        mean(self.pixels) < BLACK || bright * 20 < self.pixels.len()
    }

    fn bars(&self) -> Crop {
        let height = self.height();
        let is_row = |y: usize| self.row(y).iter().all(|it| *it <= BAR);
        let is_column = |x: usize| (0..height).all(|y| self.pixels[y * self.width + x] <= BAR);
        let part = |n: usize, of: usize| n as f32 / of as f32;
        Crop {
            left: part((0..self.width).take_while(|x| is_column(*x)).count(), self.width),
            right: part((0..self.width).rev().take_while(|x| is_column(*x)).count(), self.width),
            top: part((0..height).take_while(|y| is_row(*y)).count(), height),
            bottom: part((0..height).rev().take_while(|y| is_row(*y)).count(), height),
        }
    }

    fn row(&self, y: usize) -> &[u8] {
        &self.pixels[y * self.width..(y + 1) * self.width]
    }

    fn within(&self, crop: &Crop) -> Part {
        let inner = |size: usize, before: f32, behind: f32| {
            let from = (size as f32 * before).ceil() as usize;
            let to = size - (size as f32 * behind).ceil() as usize;
            if from + 3 <= to { from..to } else { 0..size }
        };
        let columns = inner(self.width, crop.left, crop.right);
        let rows = inner(self.height(), crop.top, crop.bottom);
        let pixels = rows.flat_map(|y| self.row(y)[columns.clone()].iter().copied()).collect();
        Part { width: columns.len(), pixels }
    }
}

impl Part {
    /// From 0 for nothing to see to 1 for a clear picture.
    fn score(&self) -> f32 {
        let mean = mean(&self.pixels);
        let spread = variance(self.pixels.iter().map(|it| f32::from(*it))).sqrt();
        let n_dark = self.pixels.iter().filter(|it| **it <= BAR).count();
        let light = (mean / BRIGHT).min(1.0) * ((255.0 - mean) / (255.0 - GLARING)).min(1.0);
        let not_dark = 1.0 - n_dark as f32 / self.pixels.len().max(1) as f32;
        let contrast = (spread / PLENTY_OF_CONTRAST).min(1.0);
        let sharpness = (variance(self.laplacian()).ln_1p() / SHARP.ln_1p()).min(1.0);
        light * not_dark.sqrt() * (0.25 + 0.75 * contrast) * sharpness * sharpness
    }

    /// How much each pixel differs from its four neighbours.
    fn laplacian(&self) -> impl Iterator<Item = f32> {
        let Self { width, pixels } = self;
        let width = *width;
        let height = pixels.len() / width.max(1);
        let inner = (1..height.saturating_sub(1))
            .flat_map(move |y| (1..width.saturating_sub(1)).map(move |x| y * width + x));
        inner.map(move |at| {
            let pixel = |at: usize| f32::from(pixels[at]);
            pixel(at - width) + pixel(at + width) + pixel(at - 1) + pixel(at + 1) - 4.0 * pixel(at)
        })
    }
}

fn mean(pixels: &[u8]) -> f32 {
    let sum: u64 = pixels.iter().map(|it| u64::from(*it)).sum();
    sum as f32 / pixels.len().max(1) as f32
}

fn variance(values: impl Iterator<Item = f32>) -> f32 {
    let (mut n, mut sum, mut squares) = (0_u32, 0.0_f64, 0.0_f64);
    for value in values {
        n += 1;
        sum += f64::from(value);
        squares += f64::from(value) * f64::from(value);
    }
    let n = f64::from(n.max(1));
    ((squares / n - (sum / n) * (sum / n)).max(0.0)) as f32
}
