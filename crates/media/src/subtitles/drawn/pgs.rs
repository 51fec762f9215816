//! Presentation graphics of Blu-ray discs. A sample is a display set: a composition that says what is shown where, with the
//! palettes and objects that are new. The format is described in US patent application 2009/0185789 A1.

use std::collections::BTreeMap;

use super::{Bitmap, Drawn, DrawnCue, MAX_PIXELS, MAX_SHOWN_MS, Palette, be16, byte, png};
use crate::samples::TextCue;

const PALETTE: u8 = 0x14;
const OBJECT: u8 = 0x15;
const COMPOSITION: u8 = 0x16;
/// A composition that continues what was shown.
const NORMAL: u8 = 0;
const CROPPED: u8 = 0x80;
const FORCED: u8 = 0x40;
const FIRST_PIECE: u8 = 0x80;
const LAST_PIECE: u8 = 0x40;
/// Pictures of this height or more are of high definition, with its colours.
const HD_HEIGHT: usize = 720;
/// An epoch has at most so many objects and palettes; the format allows for 64 and 8.
const MAX_KEPT: usize = 256;
/// Objects of one composition; the format allows for two.
const MAX_SHOWN: usize = 8;

/// What an epoch has brought so far.
#[derive(Default)]
struct Epoch {
    palettes: BTreeMap<u8, Palette>,
    objects: BTreeMap<usize, Bitmap>,
    /// An object that comes in pieces: its number, its size, what came of it.
    partial: Option<(usize, (usize, usize), Vec<u8>)>,
}

struct Composition {
    canvas: (usize, usize),
    state: u8,
    palette: u8,
    shown: Vec<Shown>,
}

struct Shown {
    object: usize,
    is_forced: bool,
    place: (usize, usize),
    /// Left, top, width and height of the part that is shown.
    crop: Option<[usize; 4]>,
}

pub(super) fn is_beginning(sample: &[u8]) -> bool {
    let composition = segments(sample).find(|it| it.0 == COMPOSITION);
    composition.is_some_and(|it| byte(it.1, 7).is_some_and(|state| state != NORMAL))
}

pub(super) fn draw(samples: &[TextCue]) -> Drawn {
    let mut drawn = Drawn::default();
    let mut epoch = Epoch::default();
    let nexts = samples.iter().skip(1).map(|it| it.start_ms).chain([i64::MAX]);
    for (sample, next_ms) in samples.iter().zip(nexts) {
        let end_ms = next_ms.min(sample.start_ms.saturating_add(MAX_SHOWN_MS));
        let Some(composition) = epoch.take(&sample.bytes) else { continue };
        let (width, height) = composition.canvas;
        drawn.canvas = (width as u32, height as u32);
        if end_ms <= sample.start_ms {
            continue;
        }
        for shown in &composition.shown {
            let cue = epoch.cue(&composition, shown);
            drawn.cues.extend(cue.map(|it| DrawnCue { start_ms: sample.start_ms, end_ms, ..it }));
        }
    }
    drawn
}

/// The segments of a display set: kind and body.
fn segments(sample: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = sample;
    std::iter::from_fn(move || {
        let (kind, size) = (byte(rest, 0)?, be16(rest, 1)?);
        let body = rest.get(3..3 + size)?;
        rest = &rest[3 + size..];
        Some((kind, body))
    })
}

impl Epoch {
    /// Takes what a display set brings; its composition.
    fn take(&mut self, sample: &[u8]) -> Option<Composition> {
        let mut composition = None;
        for (kind, body) in segments(sample) {
            match kind {
                COMPOSITION => {
                    let it = read_composition(body)?;
                    if it.state != NORMAL {
                        *self = Self::default();
                    }
                    composition = Some(it);
                }
                PALETTE => {
                    let height = composition.as_ref()?.canvas.1;
                    self.take_palette(body, height);
                }
                OBJECT => _ = self.take_object(body),
                _ => {}
            }
        }
        composition
    }

    fn take_palette(&mut self, body: &[u8], height: usize) {
        let Some((&id, _)) = body.split_first() else { return };
        if self.palettes.len() >= MAX_KEPT {
            return;
        }
        let palette = self.palettes.entry(id).or_insert([[0; 4]; 256]);
        for entry in body.get(2..).unwrap_or_default().chunks_exact(5) {
            let [index, luma, red, blue, alpha] = *entry else { continue };
            let [r, g, b] = rgb(luma, blue, red, height >= HD_HEIGHT);
            palette[usize::from(index)] = [r, g, b, alpha];
        }
    }

    fn take_object(&mut self, body: &[u8]) -> Option<()> {
        let (id, piece) = (be16(body, 0)?, byte(body, 3)?);
        let data = if piece & FIRST_PIECE != 0 {
            self.partial = Some((id, (be16(body, 7)?, be16(body, 9)?), Vec::new()));
            body.get(11..)?
        } else {
            body.get(4..)?
        };
        let (_, _, bytes) = self.partial.as_mut().filter(|it| it.0 == id)?;
        if bytes.len() + data.len() > MAX_PIXELS {
            self.partial = None;
            return None;
        }
        bytes.extend_from_slice(data);
        if piece & LAST_PIECE != 0 && self.objects.len() < MAX_KEPT {
            let (id, (width, height), bytes) = self.partial.take()?;
            self.objects.insert(id, unpack(&bytes, Bitmap::new(width, height)?));
        }
        Some(())
    }

    /// A shown object, without its times.
    fn cue(&self, composition: &Composition, shown: &Shown) -> Option<DrawnCue> {
        let palette = self.palettes.get(&composition.palette)?;
        let object = self.objects.get(&shown.object)?;
        let cropped = shown.crop.map(|it| crop(object, it));
        let bitmap = match &cropped {
            Some(cropped) => cropped.as_ref()?,
            None => object,
        };
        let pair = |(a, b): (usize, usize)| Some((u32::try_from(a).ok()?, u32::try_from(b).ok()?));
        Some(DrawnCue {
            start_ms: 0,
            end_ms: 0,
            is_forced: shown.is_forced,
            place: pair(shown.place)?,
            size: pair((bitmap.width, bitmap.height))?,
            png: png::encode(bitmap, palette)?,
        })
    }
}

fn read_composition(body: &[u8]) -> Option<Composition> {
    let mut it = Composition {
        canvas: (be16(body, 0)?, be16(body, 2)?),
        state: byte(body, 7)?,
        palette: byte(body, 9)?,
        shown: Vec::new(),
    };
    let mut at = 11;
    for _ in 0..usize::from(byte(body, 10)?).min(MAX_SHOWN) {
        let flags = byte(body, at + 3)?;
        let mut shown = Shown {
            object: be16(body, at)?,
            is_forced: flags & FORCED != 0,
            place: (be16(body, at + 4)?, be16(body, at + 6)?),
            crop: None,
        };
        at += 8;
        if flags & CROPPED != 0 {
            let part =
                [be16(body, at)?, be16(body, at + 2)?, be16(body, at + 4)?, be16(body, at + 6)?];
            shown.crop = Some(part);
            at += 8;
        }
        it.shown.push(shown);
    }
    Some(it)
}

/// Runs of pixels, row by row.
fn unpack(bytes: &[u8], mut bitmap: Bitmap) -> Bitmap {
    let mut bytes = bytes.iter().copied();
    let (mut x, mut y) = (0, 0);
    while y < bitmap.height {
        match next_run(&mut bytes) {
            Some(Run::Pixels(n, color)) => {
                bitmap.paint(x, y, n, color);
                x += n;
            }
            Some(Run::RowEnd) => (x, y) = (0, y + 1),
            None => break,
        }
    }
    bitmap
}

enum Run {
    Pixels(usize, u8),
    RowEnd,
}

fn next_run(bytes: &mut impl Iterator<Item = u8>) -> Option<Run> {
    let color = bytes.next()?;
    if color != 0 {
        return Some(Run::Pixels(1, color));
    }
    let kind = bytes.next()?;
    if kind == 0 {
        return Some(Run::RowEnd);
    }
    let mut n = usize::from(kind & 0x3f);
    if kind & 0x40 != 0 {
        n = n << 8 | usize::from(bytes.next()?);
    }
    let color = if kind & 0x80 == 0 { 0 } else { bytes.next()? };
    Some(Run::Pixels(n, color))
}

fn crop(bitmap: &Bitmap, [left, top, width, height]: [usize; 4]) -> Option<Bitmap> {
    let width = width.min(bitmap.width.checked_sub(left)?);
    let height = height.min(bitmap.height.checked_sub(top)?);
    let mut cropped = Bitmap::new(width, height)?;
    for (y, row) in cropped.pixels.chunks_exact_mut(width).enumerate() {
        let from = (top + y) * bitmap.width + left;
        row.copy_from_slice(&bitmap.pixels[from..from + width]);
    }
    Some(cropped)
}

/// Luma from 16 to 235 and differences from 16 to 240, by ITU-R BT.709 or BT.601.
fn rgb(luma: u8, blue: u8, red: u8, is_hd: bool) -> [u8; 3] {
    let (kr, kb) = if is_hd { (0.2126, 0.0722) } else { (0.299, 0.114) };
    let y = (f32::from(luma) - 16.0) / 219.0;
    let (cb, cr) = ((f32::from(blue) - 128.0) / 224.0, (f32::from(red) - 128.0) / 224.0);
    let (r, b) = (y + 2.0 * (1.0 - kr) * cr, y + 2.0 * (1.0 - kb) * cb);
    let g = (y - kr * r - kb * b) / (1.0 - kr - kb);
    [r, g, b].map(|it| (it * 255.0).round().clamp(0.0, 255.0) as u8)
}
