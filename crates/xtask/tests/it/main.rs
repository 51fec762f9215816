//! Files that no compiler reads, and media that only FFmpeg can judge.

mod compose;
mod media;
mod scripts;
mod units;
