//! The pictures of one segment, gathered in the order of decoding, with the times at which they are shown.

use super::group::{self, Waiting};
use crate::codec::avc;
use crate::samples::pictures::{Packets, Picture};
use crate::samples::{FilmError, MAX_SAMPLES, MAX_SEGMENT_BYTES, Run, Sample, Track};
use crate::stream::Codec;
use crate::ts::CLOCK;

/// Pictures that are shown before a key frame and coded behind it: no codec has more.
const MAX_LEADING: usize = 16;

/// Gathers.
pub(super) struct Taking {
    is_first: bool,
    /// Where the next segment's key frame begins.
    next: Option<u64>,
    /// How long a picture is shown where nobody says, in ticks of the clock.
    usual: i64,
    /// The packets of the stream, with their times.
    packets: Packets<i64>,
    /// Pictures of a group are numbered in the order of showing.
    is_numbered: bool,
    /// Of what is numbered, the pictures since the last key frame.
    group: Vec<Waiting>,
    /// When what was taken is over.
    end: Option<i64>,
    /// Of H.264, whose numbers count fields and begin anew behind many: the last stated time since the last key frame, the
    /// number of its picture, and behind how many they do.
    numbered: Option<(i64, u32)>,
    n_numbers: i64,
    n_taken: usize,
    /// More are not wanted.
    n_wanted: usize,
    n_bytes: u64,
    /// Behind the segment: the next key frame has come, and what is shown before it may follow.
    is_behind: bool,
    n_leading: usize,
    run: Run,
}

impl Taking {
    /// For a segment of a track. `next` is where the key frame of the one behind it begins.
    /// `sets` are the parameter sets that are known without the pictures.
    pub fn new(track: &Track, is_first: bool, next: Option<u64>, sets: &[Vec<u8>]) -> Self {
        let rate = track.stream.frame_rate;
        Self {
            is_first,
            next,
            usual: rate.map_or(3600, |it| (CLOCK as f64 / it.as_f64()).round() as i64).max(1),
            packets: Packets::default(),
            is_numbered: matches!(track.stream.codec, Codec::Mpeg1Video | Codec::Mpeg2Video),
            group: Vec::new(),
            end: None,
            numbered: None,
            n_numbers: 1 << avc::order_bits(sets).clamp(4, 16),
            n_taken: 0,
            n_wanted: usize::MAX,
            n_bytes: 0,
            is_behind: false,
            n_leading: 0,
            run: Run::default(),
        }
    }

    /// No more than the key frame is wanted.
    pub fn of_one(self) -> Self {
        Self { n_wanted: 1, ..self }
    }

    /// A packet begins at a place of the file, with the time of the first picture that begins in it.
    pub fn begin(&mut self, at: u64, time: Option<i64>) {
        self.packets.begin(at, time);
    }

    /// Whether a packet has begun.
    pub fn has_begun(&self) -> bool {
        self.packets.number() > 0
    }

    /// The number of the packet that is being read.
    pub fn packet(&self) -> usize {
        self.packets.number()
    }

    /// Takes a picture; whether more are wanted.
    pub fn take(&mut self, mut picture: Picture) -> Result<bool, FilmError> {
        let (at, stated) = self.packets.take(picture.packet);
        if self.n_taken == 0 && !picture.is_key {
            return Ok(true);
        }
        if self.is_behind {
            return Ok(self.take_leading(&picture, stated));
        }
        let is_next = picture.is_key
            && self.n_taken > 0
            && self.next.is_some_and(|it| at.is_some_and(|at| at >= it));
        if is_next || picture.is_key {
            self.close_group();
        }
        let (offset, is_key, n_fields) = (picture.offset, picture.is_key, picture.n_fields);
        let order = picture.order.filter(|_| self.is_numbered);
        if is_next {
            self.is_behind = true;
            let sample = Sample::at(offset, 0, 0, true);
            match order {
                Some(order) => self.group.push(Waiting { sample, stated, order, n_fields }),
                None => self.run.next_pts = self.time(&picture, stated),
            }
            return Ok(true);
        }
        let Some((size, parts)) = picture.pieces() else { return Ok(true) };
        self.n_taken += 1;
        self.n_bytes += u64::from(size);
        if self.n_taken > MAX_SAMPLES || self.n_bytes > MAX_SEGMENT_BYTES {
            return Err(FilmError::Unsuitable("key frames are too far apart".to_owned()));
        }
        let sample = Sample { offset, size, pts: 0, is_key, parts: Some(parts), description: 0 };
        if let Some(order) = order {
            self.group.push(Waiting { sample, stated, order, n_fields });
        } else if let Some(pts) = self.time(&picture, stated) {
            self.push(sample, pts);
            self.end = Some(pts.saturating_add(self.usual));
        }
        Ok(self.n_taken < self.n_wanted)
    }

    /// When a picture of no group is shown. One that says nothing is as far from one that does as their numbers are, where it
    /// has one, and else follows the one before.
    fn time(&mut self, picture: &Picture, stated: Option<i64>) -> Option<i64> {
        if picture.is_key {
            self.numbered = None;
        }
        let by_number = self.numbered.zip(picture.order).map(|((pts, number), order)| {
            let half = self.n_numbers / 2;
            let fields =
                (i64::from(order) - i64::from(number) + half).rem_euclid(self.n_numbers) - half;
            pts.saturating_add(fields * self.usual / 2)
        });
        if stated.is_some() {
            self.numbered = stated.zip(picture.order);
        }
        stated.or(by_number).or(self.end)
    }

    /// Takes note of a picture behind the segment; whether there may be more that are shown before its key frame.
    fn take_leading(&mut self, picture: &Picture, stated: Option<i64>) -> bool {
        self.n_leading += 1;
        if self.n_leading > MAX_LEADING {
            return false;
        }
        if let Some(key) = self.group.first() {
            let (order, n_fields) = (picture.order.unwrap_or(u32::MAX), picture.n_fields);
            if picture.is_key || order >= key.order {
                return false;
            }
            let sample = Sample::at(picture.offset, 0, 0, false);
            self.group.push(Waiting { sample, stated, order, n_fields });
            return true;
        }
        let time = self.time(picture, stated);
        let (Some(next), Some(pts)) = (self.run.next_pts, time) else { return false };
        if pts > next {
            return false;
        }
        self.run.next_pts = Some(next.min(pts));
        true
    }

    /// Times the pictures since the last key frame, and takes them.
    fn close_group(&mut self) {
        let group = std::mem::take(&mut self.group);
        let Some(times) = group::times(&group, self.end, self.usual) else { return };
        self.end = group::end(&group, &times, self.usual).or(self.end);
        for (waiting, pts) in group.into_iter().zip(times) {
            self.push(waiting.sample, pts);
        }
    }

    fn push(&mut self, sample: Sample, pts: i64) {
        // What is shown before the film's first key frame cannot be decoded.
        if self.is_first && pts < self.run.samples.first().map_or(i64::MIN, |it| it.pts) {
            return;
        }
        self.run.samples.push(Sample { pts, ..sample });
    }

    /// The samples, when nothing more is wanted or there.
    pub fn finish(mut self) -> Run {
        if !self.is_behind {
            self.close_group();
        } else if !self.group.is_empty() {
            let times = group::times(&self.group, self.end, self.usual);
            self.run.next_pts = times.and_then(|it| it.into_iter().min()).or(self.end);
        }
        self.run
    }
}
