//! Supplemental messages of H.264 and HEVC, which share their form: brightness of the master, dynamic metadata, fields.

use super::t35;
use crate::bits::Bits;
use crate::stream::{Mastering, Stream};

const PIC_TIMING: u32 = 1;
const REGISTERED_USER_DATA: u32 = 4;
const MASTERING_DISPLAY: u32 = 137;
const CONTENT_LIGHT_LEVEL: u32 = 144;
const ALTERNATIVE_TRANSFER: u32 = 147;

/// One message: what kind it is, and its bytes.
pub(crate) struct Message<'a> {
    kind: u32,
    pub payload: &'a [u8],
}

impl Message<'_> {
    /// Whether it says how the fields of one picture are shown. Only the sequence tells how to read it.
    pub fn is_pic_timing(&self) -> bool {
        self.kind == PIC_TIMING
    }
}

/// The messages of an unescaped payload: kind and size are both sums of bytes up to the first that is not 255.
pub(crate) fn messages(payload: &[u8]) -> impl Iterator<Item = Message<'_>> {
    let mut rest = payload;
    std::iter::from_fn(move || {
        let (kind, after) = number(rest)?;
        let (size, after) = number(after)?;
        let (payload, after) = after.split_at_checked(size as usize)?;
        rest = after;
        Some(Message { kind, payload })
    })
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let n_full = bytes.iter().take_while(|it| **it == 255).count();
    let last = *bytes.get(n_full)?;
    Some((u32::try_from(n_full).ok()?.checked_mul(255)? + u32::from(last), &bytes[n_full + 1..]))
}

/// Takes from a message what it says of the whole stream.
pub(crate) fn describe(stream: &mut Stream, message: &Message<'_>) -> Option<()> {
    match message.kind {
        MASTERING_DISPLAY => describe_mastering(stream, message.payload),
        CONTENT_LIGHT_LEVEL => describe_light_level(stream, message.payload),
        REGISTERED_USER_DATA if t35::is_hdr10_plus(message.payload) => {
            stream.has_hdr10_plus = true;
            Some(())
        }
        // Broadcasts name an old transfer where old receivers look, and the true one here.
        ALTERNATIVE_TRANSFER => {
            let name = super::color::transfer_name((*message.payload.first()?).into())?;
            stream.color.transfer = Some(name.to_owned());
            Some(())
        }
        _ => None,
    }
}

/// The bytes of the message, which MP4 repeats in `mdcv` and AV1 in its own order: green, blue, red, white.
pub(crate) fn describe_mastering(stream: &mut Stream, payload: &[u8]) -> Option<()> {
    let mut bits = Bits::new(payload);
    let mut point = || Some([bits.take(16)? as u16, bits.take(16)? as u16]);
    let (green, blue, red, white) = (point()?, point()?, point()?, point()?);
    let (max, min) = (bits.take(32)?, bits.take(32)?);
    let mastering = stream.mastering.get_or_insert_default();
    mastering.chromaticities = Some([red, green, blue, white]);
    (mastering.max_luminance, mastering.min_luminance) = (Some(max), Some(min));
    Some(())
}

/// The bytes of the message, which MP4 repeats in `clli`, and AV1 too.
pub(crate) fn describe_light_level(stream: &mut Stream, payload: &[u8]) -> Option<()> {
    let mut bits = Bits::new(payload);
    let known = |level: u32| u16::try_from(level).ok().filter(|it| *it > 0);
    let (max_cll, max_fall) = (known(bits.take(16)?), known(bits.take(16)?));
    if max_cll.is_some() || max_fall.is_some() {
        let mastering: &mut Mastering = stream.mastering.get_or_insert_default();
        (mastering.max_cll, mastering.max_fall) = (max_cll, max_fall);
    }
    Some(())
}
