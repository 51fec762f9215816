//! Microsoft's RIFF files: AVI and WAVE.

pub(crate) mod avi;
pub(crate) mod chunks;
pub(crate) mod streams;
mod texts;
pub(crate) mod wav;

#[cfg(test)]
mod tests;
