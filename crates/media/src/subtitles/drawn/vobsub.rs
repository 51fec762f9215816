//! Subpictures of DVDs: four colours of sixteen, packed in two fields of rows, with commands that say when and where. The
//! sixteen stand in the description, as a line of the `.idx` file that such subtitles came from.

use super::{Bitmap, Drawn, DrawnCue, MAX_SHOWN_MS, Palette, be16, byte, png};
use crate::Stream;
use crate::samples::TextCue;

/// Commands and times count in units of 1024 ticks of a clock of 90 kHz.
const DELAY_TICKS: i64 = 1024;
const TICKS_PER_MS: i64 = 90;
/// More commands than this are none.
const MAX_SEQUENCES: usize = 64;
/// The canvas of DVDs without a description of their own.
const USUAL: (u32, u32) = (720, 576);
/// The sixteen colours of who names none: shades, so that letters are seen.
const SHADES: [[u8; 3]; 16] = {
    let mut shades = [[0; 3]; 16];
    let mut at = 0;
    while at < 16 {
        shades[at] = [17 * at as u8; 3];
        at += 1;
    }
    shades
};

/// What the commands of a packet say.
#[derive(Default)]
struct Told {
    start_ms: Option<i64>,
    end_ms: Option<i64>,
    is_forced: bool,
    colors: [u8; 4],
    opacities: [u8; 4],
    /// Left, right, top and bottom, all within.
    area: Option<[usize; 4]>,
    fields: Option<[usize; 2]>,
}

pub(super) fn draw(stream: &Stream, description: &[u8], samples: &[TextCue]) -> Drawn {
    let text = String::from_utf8_lossy(description);
    let colors = palette(&text).unwrap_or(SHADES);
    let of_stream = stream.width.zip(stream.height).filter(|it| it.0 > 0 && it.1 > 0);
    let canvas = size(&text).or(of_stream).unwrap_or(USUAL);
    let mut cues: Vec<DrawnCue> = Vec::new();
    let nexts = samples.iter().skip(1).map(|it| it.start_ms).chain([i64::MAX]);
    for (sample, next_ms) in samples.iter().zip(nexts) {
        cues.extend(cue(sample, next_ms, &colors));
    }
    Drawn { canvas, cues }
}

fn cue(sample: &TextCue, next_ms: i64, colors: &[[u8; 3]; 16]) -> Option<DrawnCue> {
    let packet = &sample.bytes;
    let told = told(packet)?;
    let [left, right, top, bottom] = told.area?;
    let (width, height) = (right.checked_sub(left)? + 1, bottom.checked_sub(top)? + 1);
    let mut bitmap = Bitmap::new(width, height)?;
    for (field, start) in told.fields?.into_iter().enumerate() {
        unpack(packet, start, field, &mut bitmap);
    }
    let mut palette: Palette = [[0; 4]; 256];
    for (at, entry) in palette.iter_mut().take(4).enumerate() {
        let [r, g, b] = colors[usize::from(told.colors[at] & 15)];
        *entry = [r, g, b, (told.opacities[at] & 15) * 17];
    }
    let start_ms = sample.start_ms.saturating_add(told.start_ms.unwrap_or(0));
    let stated = told.end_ms.or(sample.duration_ms).map(|it| sample.start_ms.saturating_add(it));
    let longest_ms = start_ms.saturating_add(MAX_SHOWN_MS);
    let end_ms = stated.unwrap_or(longest_ms).min(next_ms).min(longest_ms);
    (end_ms > start_ms).then_some(())?;
    Some(DrawnCue {
        start_ms,
        end_ms,
        is_forced: told.is_forced,
        place: (left.try_into().ok()?, top.try_into().ok()?),
        size: (width.try_into().ok()?, height.try_into().ok()?),
        png: png::encode(&bitmap, &palette)?,
    })
}

/// Reads the sequences of commands, each of which names the next; the last names itself.
fn told(packet: &[u8]) -> Option<Told> {
    let mut told = Told::default();
    let mut at = be16(packet, 2)?;
    for _ in 0..MAX_SEQUENCES {
        let (delay, next) = (be16(packet, at)?, be16(packet, at + 2)?);
        let delay_ms = delay as i64 * DELAY_TICKS / TICKS_PER_MS;
        told.obey(packet, at + 4, delay_ms);
        if next <= at {
            break;
        }
        at = next;
    }
    Some(told)
}

impl Told {
    /// Obeys one sequence up to its end, or to what is no command.
    fn obey(&mut self, packet: &[u8], mut at: usize, delay_ms: i64) -> Option<()> {
        loop {
            let command = byte(packet, at)?;
            at += 1;
            match command {
                0x00 | 0x01 => {
                    self.is_forced |= command == 0;
                    self.start_ms = Some(delay_ms);
                }
                0x02 => self.end_ms = Some(delay_ms),
                0x03 | 0x04 => {
                    let four = nibbles(packet, at)?;
                    let to = if command == 3 { &mut self.colors } else { &mut self.opacities };
                    *to = four;
                    at += 2;
                }
                0x05 => {
                    let part = packet.get(at..at + 6)?;
                    let twelve = |at: usize| {
                        let [a, b, c] = [part[at], part[at + 1], part[at + 2]].map(usize::from);
                        (a << 4 | b >> 4, (b & 15) << 8 | c)
                    };
                    let ((left, right), (top, bottom)) = (twelve(0), twelve(3));
                    self.area = Some([left, right, top, bottom]);
                    at += 6;
                }
                0x06 => {
                    self.fields = Some([be16(packet, at)?, be16(packet, at + 2)?]);
                    at += 4;
                }
                // Changes of colours within the picture, by its own size.
                0x07 => at += be16(packet, at)?.max(2),
                _ => return None,
            }
        }
    }
}

/// Four numbers of four bits, the last of which is for the background.
fn nibbles(packet: &[u8], at: usize) -> Option<[u8; 4]> {
    let (a, b) = (byte(packet, at)?, byte(packet, at + 1)?);
    Some([b & 15, b >> 4, a & 15, a >> 4])
}

/// Every other row, from `first`: runs of two bits of colour behind two to fourteen bits of length, each row in whole bytes.
fn unpack(packet: &[u8], start: usize, first: usize, bitmap: &mut Bitmap) {
    let mut codes = Codes { packet, at: start.saturating_mul(2) };
    let (mut x, mut y) = (0, first);
    while y < bitmap.height {
        let Some((n, color)) = codes.next_run() else { return };
        // No length means: to the end of the row.
        let n = if n == 0 { bitmap.width - x } else { n };
        bitmap.paint(x, y, n, color);
        x += n;
        if x >= bitmap.width {
            (x, y) = (0, y + 2);
            codes.at = codes.at.next_multiple_of(2);
        }
    }
}

/// Reads codes of one to four half bytes.
struct Codes<'a> {
    packet: &'a [u8],
    /// In half bytes.
    at: usize,
}

impl Codes<'_> {
    fn nibble(&mut self) -> Option<usize> {
        let both = byte(self.packet, self.at / 2)?;
        self.at += 1;
        Some(usize::from(if self.at % 2 == 1 { both >> 4 } else { both & 15 }))
    }

    /// How many pixels, and of which colour. Leading zeros tell how long a code is.
    fn next_run(&mut self) -> Option<(usize, u8)> {
        let mut code = self.nibble()?;
        for longer_below in [0x4, 0x10, 0x40] {
            if code >= longer_below {
                break;
            }
            code = code << 4 | self.nibble()?;
        }
        Some((code >> 2, (code & 3) as u8))
    }
}

fn size(description: &str) -> Option<(u32, u32)> {
    let line = line(description, "size:")?;
    let (width, height) = line.split_once('x')?;
    let size: (u32, u32) = (width.trim().parse().ok()?, height.trim().parse().ok()?);
    (size.0 > 0 && size.1 > 0).then_some(size)
}

fn palette(description: &str) -> Option<[[u8; 3]; 16]> {
    let mut colors = [[0; 3]; 16];
    let mut words = line(description, "palette:")?.split(',');
    for color in &mut colors {
        let word = u32::from_str_radix(words.next()?.trim(), 16).ok()?;
        let [_, r, g, b] = word.to_be_bytes();
        *color = [r, g, b];
    }
    Some(colors)
}

fn line<'a>(description: &'a str, name: &str) -> Option<&'a str> {
    description.lines().find_map(|it| it.trim().strip_prefix(name))
}
