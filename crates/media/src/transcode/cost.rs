//! What making something anew takes of a machine, about. Measured with FFmpeg 5.1, one thread, films of 1080p with a little
//! noise: another film takes half or double of it.

use super::is_high_range;
use super::rendition::{Effort, Encoder, Picture, Rendition, made_size};
use crate::stream::{Codec, Rational, Stream};

/// Processor milliseconds to scale a million pixels of the film.
const SCALING: f64 = 0.8;
/// And to make full pictures of interlaced ones.
const WEAVING: f64 = 1.1;
/// Processor milliseconds to bring a million made pixels down from a high range.
const TONE_MAPPING: f64 = 15.6;
/// Processors that are busy with sound, read and made.
const SOUND: f64 = 0.037;
/// Pictures a second of a film that does not say it.
const USUAL_RATE: f64 = 25.0;

/// How many processors are busy on average while a rendition of this stream is made as fast as it plays: 1 is the whole of one.
/// What an encoder of hardware does costs none.
pub fn processors(source: &Stream, rendition: Rendition) -> f64 {
    let Rendition::Picture(Picture { rung, encoder, .. }) = rendition else { return SOUND };
    let rate = source.frame_rate.map_or(USUAL_RATE, Rational::as_f64);
    let millions = |(width, height): (u32, u32)| f64::from(width) * f64::from(height) / 1e6 * rate;
    let own = (source.width.unwrap_or(0), source.height.unwrap_or(0));
    let made = made_size(source, rung);
    let mut per_read = decoding(source);
    if made != own {
        per_read += SCALING;
    }
    if source.interlaced == Some(true) {
        per_read += WEAVING;
    }
    let mut per_made = match encoder {
        Encoder::Software(effort) | Encoder::Instead(effort) => encoding(effort),
        Encoder::Hardware(_) => 0.0,
    };
    if is_high_range(source) {
        per_made += TONE_MAPPING;
    }
    (per_read * millions(own) + per_made * millions(made)) / 1000.0
}

/// Processor milliseconds to decode a million pixels.
fn decoding(source: &Stream) -> f64 {
    let eight_bits = match source.codec {
        Codec::Mpeg1Video | Codec::Mpeg2Video | Codec::Mpeg4 => 1.1,
        Codec::H264 => 2.9,
        _ => 3.4,
    };
    if source.bit_depth > Some(8) { eight_bits * 1.2 } else { eight_bits }
}

/// Processor milliseconds to encode a million pixels.
fn encoding(effort: Effort) -> f64 {
    match effort {
        Effort::Ultrafast => 3.5,
        Effort::Superfast => 7.5,
        Effort::Veryfast => 11.0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Hardware, Rung};
    use super::*;
    use crate::stream::{Hdr, StreamKind};

    fn film(codec: Codec, bits: u8, hdr: Option<Hdr>) -> Stream {
        let mut stream = Stream::new(0, StreamKind::Video, codec);
        (stream.width, stream.height) = (Some(1920), Some(1080));
        (stream.frame_rate, stream.bit_depth) = (Rational::new(24, 1), Some(bits));
        stream.hdr = hdr;
        stream
    }

    fn picture(rung: Rung, encoder: Encoder) -> Rendition {
        Rendition::Picture(Picture { rung, encoder, burnt: None })
    }

    /// What six seconds of these took FFmpeg, in processor seconds.
    #[test]
    fn films_cost_about_what_they_did() {
        use Effort::{Superfast, Ultrafast, Veryfast};
        let sdr = film(Codec::H264, 8, None);
        let hdr = film(Codec::Hevc, 10, Some(Hdr::Hdr10));
        for (source, rung, effort, seconds) in [
            (&sdr, Rung::P1080, Ultrafast, 1.76),
            (&sdr, Rung::P1080, Veryfast, 3.78),
            (&sdr, Rung::P720, Ultrafast, 1.62),
            (&sdr, Rung::P720, Superfast, 2.22),
            (&sdr, Rung::P480, Veryfast, 1.82),
            (&hdr, Rung::P720, Superfast, 4.63),
        ] {
            let told = processors(source, picture(rung, Encoder::Software(effort))) * 6.0;
            assert!((0.8..1.25).contains(&(told / seconds)), "{rung:?} {effort:?}: {told}");
        }
    }

    #[test]
    fn hardware_leaves_the_reading_and_sound_costs_little() {
        let source = film(Codec::H264, 8, None);
        let soft = picture(Rung::P1080, Encoder::Software(Effort::Ultrafast));
        let hard = picture(Rung::P1080, Encoder::Hardware(Hardware::ALL[0]));
        let (soft, hard) = (processors(&source, soft), processors(&source, hard));
        let sound = processors(&source, Rendition::Surround);
        assert!(0.0 < sound && sound < hard && hard < soft, "{sound} {hard} {soft}");
    }

    #[test]
    fn a_stream_that_says_nothing_costs_nothing_odd() {
        let mut source = Stream::new(0, StreamKind::Video, Codec::Theora);
        let made = picture(Rung::P480, Encoder::Software(Effort::Ultrafast));
        assert!(processors(&source, made).is_finite());
        (source.width, source.height) = (Some(u32::MAX), Some(u32::MAX));
        assert!(processors(&source, made).is_finite());
    }
}
