//! Messages registered by ITU-T T.35, as H.264, HEVC, AV1 and Matroska's block additions carry them.

/// Country United States, provider Samsung, code 1, application 4: SMPTE ST 2094-40, which is HDR10+.
const HDR10_PLUS: [u8; 6] = [0xb5, 0x00, 0x3c, 0x00, 0x01, 0x04];

/// Whether the message is dynamic metadata of HDR10+.
pub(crate) fn is_hdr10_plus(message: &[u8]) -> bool {
    message.starts_with(&HDR10_PLUS)
}
