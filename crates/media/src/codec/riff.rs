//! Microsoft's names of codecs, which AVI, WAVE and old Matroska files use: four letters for pictures, a number for
//! sound.

use crate::stream::Codec;

/// The codec of a four-letter code, in any case.
pub(crate) fn of_fourcc(fourcc: &[u8]) -> Codec {
    match fourcc.to_ascii_uppercase().as_slice() {
        b"H264" | b"X264" | b"AVC1" | b"DAVC" | b"VSSH" => Codec::H264,
        b"XVID" | b"DIVX" | b"DX50" | b"MP4V" | b"FMP4" | b"3IV2" | b"DIVF" | b"BLZ0" | b"RMP4"
        | b"MP4S" | b"M4S2" | b"UMP4" | b"DXGM" | b"SEDG" => Codec::Mpeg4,
        b"DIV3" | b"MP43" | b"DIV4" | b"DIV5" | b"DIV6" | b"MPG3" | b"AP41" | b"COL1" => {
            Codec::Other("msmpeg4v3".to_owned())
        }
        b"MP42" | b"DIV2" => Codec::Other("msmpeg4v2".to_owned()),
        b"MP41" | b"MPG4" => Codec::Other("msmpeg4v1".to_owned()),
        b"WVC1" | b"WMVA" => Codec::Vc1,
        b"WMV3" => Codec::Other("wmv3".to_owned()),
        b"WMV2" => Codec::Other("wmv2".to_owned()),
        b"WMV1" => Codec::Other("wmv1".to_owned()),
        b"MJPG" | b"AVRN" | b"DMB1" => Codec::Mjpeg,
        b"HEVC" | b"HVC1" | b"H265" | b"X265" => Codec::Hevc,
        b"MPG2" | b"EM2V" | b"MPEG" | b"\x02\0\0\x10" => Codec::Mpeg2Video,
        b"MPG1" | b"MPGI" | b"\x01\0\0\x10" => Codec::Mpeg1Video,
        b"VP80" => Codec::Vp8,
        b"VP90" => Codec::Vp9,
        b"AV01" => Codec::Av1,
        b"THEO" => Codec::Theora,
        b"DVSD" | b"DVHD" | b"DV25" | b"CDVC" => Codec::Other("dvvideo".to_owned()),
        b"CVID" => Codec::Other("cinepak".to_owned()),
        b"IV50" => Codec::Other("indeo5".to_owned()),
        b"FFV1" => Codec::Other("ffv1".to_owned()),
        b"HFYU" => Codec::Other("huffyuv".to_owned()),
        b"VP60" | b"VP61" => Codec::Other("vp6".to_owned()),
        b"\0\0\0\0" | b"DIB " => Codec::Other("rawvideo".to_owned()),
        other => Codec::Other(String::from_utf8_lossy(other).trim().to_ascii_lowercase()),
    }
}

/// The codec of a WAVEFORMATEX, which begins with the format's number; the sample width is at byte 14.
pub(crate) fn of_wave(format: &[u8]) -> Codec {
    let word =
        |at: usize| format.get(at..at + 2).map_or(0, |it| u16::from_le_bytes([it[0], it[1]]));
    match word(0) {
        // The extensible kind keeps the number at the head of a GUID.
        0xfffe => of_number(word(24), word(14)),
        number => of_number(number, word(14)),
    }
}

fn of_number(number: u16, bits: u16) -> Codec {
    match number {
        1 => pcm(&Codec::PcmS16le, bits.into()),
        2 => Codec::Other("adpcm_ms".to_owned()),
        3 => pcm(&Codec::PcmF32le, bits.into()),
        6 => Codec::Other("pcm_alaw".to_owned()),
        7 => Codec::Other("pcm_mulaw".to_owned()),
        0x11 => Codec::Other("adpcm_ima_wav".to_owned()),
        0x50 => Codec::Mp2,
        0x55 => Codec::Mp3,
        0xff | 0x706d => Codec::Aac,
        0x160 => Codec::Other("wmav1".to_owned()),
        0x161 => Codec::Other("wmav2".to_owned()),
        0x162 => Codec::Other("wmapro".to_owned()),
        0x2000 => Codec::Ac3,
        0x2001 => Codec::Dts,
        0x566f | 0x6750 | 0x6751 | 0x674f | 0x676f | 0x6770 | 0x6771 => Codec::Vorbis,
        0xf1ac => Codec::Flac,
        other => Codec::Other(format!("wave_{other:#06x}")),
    }
}

/// The PCM codec of the same byte order and another width.
pub(crate) fn pcm(like: &Codec, bits: u32) -> Codec {
    match (like, bits) {
        (Codec::PcmF32le, 64) => Codec::Other("pcm_f64le".to_owned()),
        (Codec::PcmF32le, _) => Codec::PcmF32le,
        (Codec::PcmS16be, 24) => Codec::PcmS24be,
        (Codec::PcmS16be, 32) => Codec::Other("pcm_s32be".to_owned()),
        (Codec::PcmS16be, _) => Codec::PcmS16be,
        (_, 8) => Codec::PcmU8,
        (_, 24) => Codec::PcmS24le,
        (_, 32) => Codec::PcmS32le,
        _ => Codec::PcmS16le,
    }
}

/// FFmpeg's name of a set of speakers, for the sets that files have.
pub(crate) fn layout(mask: u32) -> Option<&'static str> {
    Some(match mask {
        0x4 => "mono",
        0x3 => "stereo",
        0xb => "2.1",
        0x7 => "3.0",
        0xf => "3.1",
        0x103 => "3.0(back)",
        0x107 => "4.0",
        0x10f => "4.1",
        0x33 => "quad",
        0x603 => "quad(side)",
        0x37 => "5.0",
        0x607 => "5.0(side)",
        0x3f => "5.1",
        0x60f => "5.1(side)",
        0x70f => "6.1",
        0x13f => "6.1(back)",
        0x637 => "7.0",
        0x63f => "7.1",
        0xff => "7.1(wide)",
        _ => return None,
    })
}
