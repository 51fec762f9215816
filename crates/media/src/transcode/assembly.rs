//! Parts of pictures out of FFmpeg's answer, each as soon as all of it has come.

use super::answer::{Found, Reader, body};
use super::parts::Part;
use super::picture::{SLACK_NS, Shown};
use super::{AnswerError, Made, Step};
use crate::cmaf::{self, Timed};
use crate::samples::{Run, Sample, SampleConfig, Track};

/// The parts of one run.
#[derive(Debug)]
pub(super) struct Assembly {
    made: Track,
    shown: Shown,
    parts: Vec<Part>,
    /// Where in the moments of showing each part begins, and where the last one ends.
    bounds: Vec<usize>,
    reader: Reader,
    clock: Clock,
    init: Vec<u8>,
    /// Every part brings what a decoder needs: parts of several encoders stand behind one beginning.
    brings_beginning: bool,
    /// Parameter sets of this answer, each behind its length.
    parameter_sets: Vec<u8>,
    /// When the picture before was shown, as the answer counts.
    before: Option<i64>,
    /// How it broke, until that is told.
    fault: Option<AnswerError>,
    /// The part that is filled.
    at: usize,
    /// Its samples, their places in `body`, and their moments as the encoder has them.
    samples: Vec<Sample>,
    body: Vec<u8>,
}

/// From the answer's time to the film's.
#[derive(Debug)]
struct Clock {
    /// A moment of the answer, in seconds.
    origin_s: i64,
    /// The same moment of the film, in ticks.
    zero: i64,
    /// By how many of its ticks an answer that begins at zero is late.
    late: Option<i64>,
}

impl Clock {
    /// A moment of the answer in ticks of the film's track. Where FFmpeg counts from its first picture, that is the film's
    /// first one.
    fn ticks(&mut self, pts: i64, scale: u32, made: &Track, first: i64) -> i64 {
        let scale = i128::from(scale.max(1));
        let origin = i128::from(self.origin_s) * scale;
        let since = (i128::from(pts) - origin) * i128::from(made.timescale);
        let ticks = i64::try_from((since + scale / 2).div_euclid(scale)).unwrap_or(0);
        let ticks = ticks.saturating_add(self.zero);
        let counts_from_first = i128::from(pts) * 2 < origin;
        let late = *self.late.get_or_insert(if counts_from_first {
            first.saturating_sub(ticks)
        } else {
            0
        });
        ticks.saturating_add(late)
    }
}

impl Assembly {
    /// `zero` is the moment of the film, in ticks, that comes `origin_s` seconds after the answer's zero.
    pub fn new(made: Track, shown: Shown, parts: Vec<Part>, origin_s: i64, zero: i64) -> Self {
        let behind = |start_ns: i64| {
            shown.times.partition_point(|it| made.ns(*it).saturating_add(SLACK_NS) < start_ns)
        };
        let mut bounds: Vec<usize> = parts.iter().skip(1).map(|it| behind(it.start_ns)).collect();
        bounds.insert(0, 0);
        bounds.push(shown.times.len());
        Self {
            made,
            shown,
            parts,
            bounds,
            reader: Reader::default(),
            clock: Clock { origin_s, zero, late: None },
            init: Vec::new(),
            brings_beginning: false,
            parameter_sets: Vec::new(),
            before: None,
            fault: None,
            at: 0,
            samples: Vec::new(),
            body: Vec::new(),
        }
    }

    /// The same where every part brings what a decoder needs, or does not.
    pub fn bringing_beginning(self, brings_beginning: bool) -> Self {
        Self { brings_beginning, ..self }
    }

    /// Takes more of the answer. What was whole before it broke is told first.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Step>, AnswerError> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        let mut steps = Vec::new();
        match self.read(bytes, &mut steps) {
            Err(fault) if steps.is_empty() => return Err(fault),
            read => self.fault = read.err(),
        }
        Ok(steps)
    }

    fn read(&mut self, bytes: &[u8], steps: &mut Vec<Step>) -> Result<(), AnswerError> {
        for found in self.reader.push(bytes)? {
            match found {
                Found::Head(config) => {
                    if config.len() < 4 {
                        return Err(AnswerError::Nothing);
                    }
                    if self.brings_beginning {
                        self.parameter_sets =
                            parameter_sets(&config).ok_or(AnswerError::Garbled)?;
                    }
                    self.made.config =
                        Some(SampleConfig { entry: *b"avc1", box_kind: *b"avcC", body: config });
                    self.init = cmaf::init_segment(&self.made).ok_or(AnswerError::Nothing)?;
                    steps.push(Step::Beginning(self.init.clone()));
                }
                Found::Fragment(bytes, whole) => {
                    for sample in &whole.samples {
                        if self.before.is_some_and(|before| sample.pts < before) {
                            return Err(AnswerError::Order);
                        }
                        self.before = Some(sample.pts);
                        self.take(&bytes, sample, whole.timescale, steps);
                    }
                    if self.at < self.parts.len() && self.samples.len() >= self.expected().len() {
                        self.close(steps);
                    }
                }
            }
        }
        Ok(())
    }

    /// The answer is over: what is missing will not come.
    pub fn finish(mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        while self.at < self.parts.len() {
            self.close(&mut steps);
        }
        steps
    }

    fn take(&mut self, bytes: &[u8], sample: &Sample, timescale: u32, steps: &mut Vec<Step>) {
        let first = self.shown.times.first().copied().unwrap_or(0);
        let pts = self.clock.ticks(sample.pts, timescale, &self.made, first);
        let moment_ns = self.made.ns(pts).saturating_add(SLACK_NS);
        let behind = self.parts.iter().skip(1).take_while(|it| it.start_ns <= moment_ns).count();
        while self.at < behind {
            self.close(steps);
        }
        // A decoder may give more than the film says there is.
        if self.at > behind || self.samples.len() == self.expected().len() {
            return;
        }
        let offset = self.body.len();
        let coded = body(bytes, sample).unwrap_or_default();
        let sets = if self.samples.is_empty() { self.parameter_sets.as_slice() } else { &[] };
        // What marks the beginning of a picture stays in front.
        let (mark, rest) = coded.split_at(mark_bytes(coded));
        for bytes in [mark, sets, rest] {
            self.body.extend(bytes);
        }
        let size = (self.body.len() - offset) as u32;
        self.samples.push(Sample::at(offset as u64, size, pts, sample.is_key));
    }

    /// When the pictures of the part that is filled are shown.
    fn expected(&self) -> &[i64] {
        &self.shown.times[self.bounds[self.at]..self.bounds[self.at + 1]]
    }

    /// Makes the part of what has come of it, and those behind it in which no picture begins.
    fn close(&mut self, steps: &mut Vec<Step>) {
        loop {
            steps.push(Step::Part(self.at, self.part()));
            self.samples.clear();
            self.body.clear();
            self.at += 1;
            if self.at == self.parts.len() || !self.expected().is_empty() {
                return;
            }
        }
    }

    fn part(&mut self) -> Result<Made, AnswerError> {
        let expected = self.expected();
        let behind = self.bounds[self.at + 1];
        let next_pts = self.shown.times.get(behind).copied().or(self.shown.next);
        let n_missing = expected.len() - self.samples.len();
        if let Some(first) = self.samples.first() {
            if !first.is_key {
                return Err(AnswerError::NoKey);
            }
        } else if !expected.is_empty() || self.init.is_empty() {
            return Err(AnswerError::Nothing);
        }
        let wanted: Vec<i64> = self.samples.iter().map(|it| it.pts).collect();
        let moments = moments(expected, &wanted);
        for (sample, moment) in self.samples.iter_mut().zip(moments) {
            sample.pts = moment;
        }
        let number = self.parts[self.at].number;
        let run = Run { samples: std::mem::take(&mut self.samples), next_pts };
        let timed = if run.samples.is_empty() {
            Timed { start: next_pts.unwrap_or(0), samples: Vec::new() }
        } else {
            cmaf::time(&self.made, &run, number == 0, self.shown.film_end_ns)
        };
        let size = self.body.len() as u64;
        let sequence = number as u32 + 1;
        let mut segment = cmaf::fragment_head(&self.made, &run.samples, &timed, sequence, size)?;
        segment.extend(&self.body);
        Ok(Made { init: self.init.clone(), segment, n_missing })
    }
}

/// The parameter sets in a decoder's description, each behind its length in four bytes as pictures have theirs. `None` for
/// what is no such description.
fn parameter_sets(config: &[u8]) -> Option<Vec<u8>> {
    const LENGTH_OF_FOUR: u8 = 3;
    let [_, _, _, _, lengths, n_sequences, rest @ ..] = config else { return None };
    if lengths & 3 != LENGTH_OF_FOUR {
        return None;
    }
    let mut sets = Vec::new();
    let rest = take_sets(rest, n_sequences & 0x1f, &mut sets)?;
    let (n_pictures, rest) = rest.split_first()?;
    // What follows tells of the profile, and is no set.
    take_sets(rest, *n_pictures, &mut sets)?;
    Some(sets)
}

/// Takes so many sets, each behind its length in two bytes.
fn take_sets<'a>(mut rest: &'a [u8], n: u8, sets: &mut Vec<u8>) -> Option<&'a [u8]> {
    for _ in 0..n {
        let (length, behind) = rest.split_first_chunk()?;
        let length = u16::from_be_bytes(*length);
        let (set, behind) = behind.split_at_checked(length.into())?;
        sets.extend(u32::from(length).to_be_bytes());
        sets.extend(set);
        rest = behind;
    }
    Some(rest)
}

/// How many bytes the unit has that marks the beginning of a picture, where there is one.
fn mark_bytes(coded: &[u8]) -> usize {
    const ACCESS_UNIT_DELIMITER: u8 = 9;
    let Some((length, rest)) = coded.split_first_chunk() else { return 0 };
    let length = u32::from_be_bytes(*length) as usize;
    let is_mark = rest.first().is_some_and(|it| it & 0x1f == ACCESS_UNIT_DELIMITER);
    if is_mark && length <= rest.len() { 4 + length } else { 0 }
}

/// When each picture that came is shown. Mostly there are as many as there should be; where a broken one was left out, the
/// others keep their moments.
fn moments(expected: &[i64], wanted: &[i64]) -> Vec<i64> {
    if wanted.len() >= expected.len() {
        return expected.to_vec();
    }
    let mut at = 0;
    let mut moments = Vec::with_capacity(wanted.len());
    for (n, wanted_at) in wanted.iter().enumerate() {
        // As many moments as pictures must be left.
        let last = expected.len() - (wanted.len() - n);
        let is_nearer =
            |at: usize| expected[at + 1].abs_diff(*wanted_at) <= expected[at].abs_diff(*wanted_at);
        while at < last && is_nearer(at) {
            at += 1;
        }
        moments.push(expected[at]);
        at = (at + 1).min(expected.len() - 1);
    }
    moments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Codec, Stream, StreamKind};

    #[test]
    fn an_answer_counts_from_the_feeds_zero_or_from_its_first_picture() {
        let mut made = Track {
            stream: Stream::new(0, StreamKind::Video, Codec::H264),
            timescale: 1000,
            config: None,
            frame_ticks: 40,
            reorder_ticks: 0,
            end_ns: None,
            stripped: Vec::new(),
        };
        let clock = || Clock { origin_s: 10, zero: 500, late: None };
        let mut from_zero = clock();
        assert_eq!(from_zero.ticks(10_080_000, 1_000_000, &made, 520), 580);
        assert_eq!(from_zero.ticks(10_120_000, 1_000_000, &made, 520), 620);
        let mut from_first = clock();
        assert_eq!(from_first.ticks(0, 1_000_000, &made, 520), 520);
        assert_eq!(from_first.ticks(40_000, 1_000_000, &made, 520), 560);
        made.timescale = 90_000;
        assert_eq!(clock().ticks(11_000, 1000, &made, 0), 90_500);
    }

    #[test]
    fn parameter_sets_go_between_the_mark_and_the_picture() {
        let config = [1, 100, 0, 31, 0xff, 0xe1, 0, 2, 0x67, 7, 1, 0, 1, 0x68, 0xfd, 0xf8];
        let sets = parameter_sets(&config).expect("a description");
        assert_eq!(sets, [0, 0, 0, 2, 0x67, 7, 0, 0, 0, 1, 0x68]);
        for end in 0..13 {
            assert_eq!(parameter_sets(&config[..end]), None, "cut off after {end}");
        }
        let mut short = config;
        short[4] = 0xfd;
        assert_eq!(parameter_sets(&short), None, "other lengths");
        assert_eq!(mark_bytes(&[0, 0, 0, 2, 9, 0x10, 0, 0, 0, 1, 0x65]), 6);
        assert_eq!(mark_bytes(&[0, 0, 0, 1, 0x65]), 0);
        assert_eq!(mark_bytes(&[0, 0, 0, 9, 9]), 0);
        assert_eq!(mark_bytes(&[]), 0);
    }

    #[test]
    fn pictures_that_came_keep_their_moments_when_others_are_missing() {
        let expected = [400, 440, 480, 520, 560];
        let table: [(&[i64], &[i64]); 5] = [
            (&[400, 440, 480, 520, 560], &[400, 440, 480, 520, 560]),
            (&[400, 440, 520, 560], &[400, 440, 520, 560]),
            (&[401, 559], &[400, 560]),
            (&[440, 480], &[440, 480]),
            (&[], &[]),
        ];
        for (wanted, moments_of_it) in table {
            assert_eq!(moments(&expected, wanted), moments_of_it, "{wanted:?}");
        }
    }
}
