//! MPEG transport streams, with the prefix of Blu-ray and the checksums of some recorders too: the tables, the beginning
//! of each stream for its parameters, and time stamps of both ends for the duration.
//!
//! Invariant: at most some megabytes of either end are read, whatever is in them.

mod packets;
mod tables;

use self::packets::CLOCK_MASK;
pub(crate) use self::packets::{CLOCK, Layout, Packet, pes_head, walk};
use self::tables::Sections;
use crate::ProbeError;
use crate::codec::{self, FRAME_HEAD_BYTES};
use crate::container::Container;
use crate::probe::{MAX_STREAMS, Probe};
use crate::read::Source;
use crate::stream::{Codec, Rational, Stream, StreamKind};

/// How much of the beginning is searched for tables and parameters; two groups of pictures of a disc fit.
const HEAD_BYTES: u64 = 4 * 1024 * 1024;
/// How much of the end is searched for the last time stamps: at first, and when none are found there.
const TAIL_BYTES: [u64; 2] = [256 * 1024, 4 * 1024 * 1024];
/// Programs of one file that are looked at.
const MAX_PROGRAMS: usize = 64;
/// Packet numbers have thirteen bits.
const N_PIDS: usize = 1 << 13;
/// Times of frames that tell the rate where the stream does not state it.
const N_TIMES: usize = 24;

/// What is being put together of one packet number.
struct Elementary {
    /// Its streams by their place in the probe; two for the plain sound inside TrueHD.
    streams: Vec<usize>,
    /// The beginning of the packet that is being read; empty when nothing is wanted.
    bytes: Vec<u8>,
    is_open: bool,
    is_scrambled: bool,
    /// The earliest time seen, of the head; then the latest, counted from it.
    first: Option<u64>,
    last: u64,
    /// The time of the first packet, which may not be the earliest; the times are counted from it.
    reference: Option<u64>,
    times: Vec<i64>,
}

/// The program's clock as one packet number has it.
struct Clocks {
    pid: u16,
    first: ClockAt,
    last: ClockAt,
}

/// A clock and the place of its packet.
#[derive(Clone, Copy)]
struct ClockAt {
    at: u64,
    ticks: u64,
}

#[derive(Default)]
struct Demuxer {
    /// Whether numbers are read as discs use them.
    is_disc: bool,
    association: Sections,
    /// Packet numbers of programs' tables; what was read of each; whether it was found.
    programs: Vec<(u16, Sections, bool)>,
    elementary: Vec<Elementary>,
    /// Place in `elementary` by packet number, plus one.
    places: Vec<u16>,
    clocks: Option<Clocks>,
}

/// The streams, each with the number that its packets have.
pub(crate) fn numbers(src: &Source<'_>, layout: Layout) -> Result<Vec<(u16, u32)>, ProbeError> {
    let (_, demuxer) = read_head(src, layout)?;
    let places = demuxer.places.iter().zip(0_u16..).filter(|it| *it.0 > 0);
    let numbers = places.flat_map(|(place, pid)| {
        let streams =
            demuxer.elementary.get(usize::from(*place) - 1).map(|it| it.streams.as_slice());
        streams.unwrap_or_default().iter().map(move |it| (pid, *it as u32))
    });
    Ok(numbers.collect())
}

/// The difference of two times of the clock, the shorter way around it.
pub(crate) fn ticks_between(from: u64, to: u64) -> i64 {
    signed(to.wrapping_sub(from))
}

fn read_head(src: &Source<'_>, layout: Layout) -> Result<(Probe, Demuxer), ProbeError> {
    let mut probe = Probe::new(Container::MpegTs);
    let mut demuxer =
        Demuxer { is_disc: layout.stride == 192, places: vec![0; N_PIDS], ..Demuxer::default() };
    walk(src, layout, layout.start as u64, HEAD_BYTES, |at, packet| {
        demuxer.push(at, packet, &mut probe.streams);
        !demuxer.is_complete(&probe.streams)
    })?;
    if probe.streams.is_empty() {
        return Err(ProbeError::malformed("a transport stream without a table of streams", 0));
    }
    for elementary in &mut demuxer.elementary {
        elementary.describe(&mut probe.streams);
        for stream in &elementary.streams {
            set_rate(&mut probe.streams[*stream], &elementary.times);
        }
        if elementary.is_scrambled {
            probe.warn(format!("stream {} is encrypted", elementary.streams[0]));
        }
    }
    probe.streams.iter_mut().for_each(codec::name_simple);
    Ok((probe, demuxer))
}

pub(crate) fn read(src: &Source<'_>, layout: Layout) -> Result<Probe, ProbeError> {
    let (mut probe, mut demuxer) = read_head(src, layout)?;
    let duration = demuxer.duration_ms(src, layout, &probe.streams)?;
    probe.duration_ms = match (duration, demuxer.estimated_ms(src.size)) {
        // A recording that was put together of others has no common clock.
        (Some(duration), Some(estimate)) if !is_near(duration, estimate) => {
            probe.warn("its time stamps jump, so that the duration is an estimate");
            Some(estimate)
        }
        (duration, estimate) => duration.or(estimate),
    };
    Ok(probe)
}

/// Whether two durations may both be true of a stream whose rate varies.
fn is_near(duration: i64, estimate: i64) -> bool {
    const FACTOR: i64 = 16;
    duration.max(estimate) / duration.min(estimate).max(1) < FACTOR
}

fn set_rate(stream: &mut Stream, times: &[i64]) {
    if stream.kind != StreamKind::Video || stream.frame_rate.is_some() || times.len() < 8 {
        return;
    }
    let mut times = times.to_vec();
    times.sort_unstable();
    times.dedup();
    let span = times[times.len() - 1] - times[0];
    let n_steps = times.len() as u64 - 1;
    stream.frame_rate = Rational::new(n_steps * CLOCK, span.unsigned_abs());
}

impl Demuxer {
    fn push(&mut self, at: u64, packet: &Packet<'_>, streams: &mut Vec<Stream>) {
        if let Some(ticks) = packet.clock {
            let clock = ClockAt { at, ticks };
            match &mut self.clocks {
                Some(clocks) if clocks.pid == packet.pid => clocks.last = clock,
                Some(_) => {}
                none => *none = Some(Clocks { pid: packet.pid, first: clock, last: clock }),
            }
        }
        if packet.pid == 0 {
            let programs = &mut self.programs;
            self.association.push(packet.payload, packet.is_start, |section| {
                for pid in tables::programs(section) {
                    if programs.len() < MAX_PROGRAMS && programs.iter().all(|it| it.0 != pid) {
                        programs.push((pid, Sections::default(), false));
                    }
                }
            });
            return;
        }
        let place = usize::from(self.places[usize::from(packet.pid) % N_PIDS]);
        if let Some(elementary) = place.checked_sub(1).and_then(|it| self.elementary.get_mut(it)) {
            elementary.push(packet, streams);
        } else if let Some(n) = self.programs.iter().position(|it| it.0 == packet.pid && !it.2) {
            let mut entries = Vec::new();
            let is_disc = self.is_disc;
            let (_, sections, is_found) = &mut self.programs[n];
            sections.push(packet.payload, packet.is_start, |section| {
                if entries.is_empty() {
                    entries = tables::streams(section, is_disc);
                }
            });
            *is_found = !entries.is_empty();
            for entry in entries {
                self.add(entry, streams);
            }
        }
    }

    fn add(&mut self, entry: tables::Entry, streams: &mut Vec<Stream>) {
        let place = &mut self.places[usize::from(entry.pid) % N_PIDS];
        if *place != 0 || streams.len() >= MAX_STREAMS {
            return;
        }
        let mut own = Vec::new();
        for mut stream in std::iter::once(entry.stream).chain(entry.twin) {
            stream.index = streams.len() as u32;
            own.push(streams.len());
            streams.push(stream);
        }
        self.elementary.push(Elementary {
            streams: own,
            bytes: Vec::new(),
            is_open: false,
            is_scrambled: false,
            first: None,
            last: 0,
            reference: None,
            times: Vec::new(),
        });
        *place = self.elementary.len() as u16;
    }

    /// Whether the head has told all it can: every program its streams, every stream of sound and pictures its
    /// parameters and its first time.
    fn is_complete(&self, streams: &[Stream]) -> bool {
        !self.programs.is_empty()
            && self.programs.iter().all(|it| it.2)
            && self.elementary.iter().all(|it| it.is_complete(streams))
    }

    /// From the earliest time of the head to the latest of the tail, the last frame of a video included.
    fn duration_ms(
        &mut self,
        src: &Source<'_>,
        layout: Layout,
        streams: &[Stream],
    ) -> Result<Option<i64>, ProbeError> {
        let Some(start) = self.start(streams) else { return Ok(None) };
        for tail_bytes in TAIL_BYTES {
            let n_skipped = src.size.saturating_sub(tail_bytes) / layout.stride as u64;
            let from = layout.start as u64 + n_skipped * layout.stride as u64;
            walk(src, layout, from, src.size, |_, packet| {
                let place = usize::from(self.places[usize::from(packet.pid) % N_PIDS]);
                if let Some(elementary) =
                    place.checked_sub(1).and_then(|it| self.elementary.get_mut(it))
                    && packet.is_start
                    && let Some(time) = pes_head(packet.payload).and_then(|it| it.time)
                {
                    elementary.set_last(time, start);
                }
                true
            })?;
            if self.elementary.iter().any(|it| it.last > 0) || tail_bytes >= src.size {
                break;
            }
        }
        let ends =
            self.elementary.iter().filter(|it| it.last > 0 && it.is_timed(streams)).map(|it| {
                let rate = streams[it.streams[0]].frame_rate;
                it.last + rate.map_or(0, |it| (CLOCK as f64 / it.as_f64()).round() as u64)
            });
        Ok(ends.max().map(|it| (it * 1000 / CLOCK) as i64))
    }

    /// The earliest time of sound and pictures. Times that wrap are behind those that do not.
    fn start(&self, streams: &[Stream]) -> Option<u64> {
        let times =
            || self.elementary.iter().filter(|it| it.is_timed(streams)).filter_map(|it| it.first);
        let any = times().next()?;
        times().min_by_key(|it| it.wrapping_sub(any).wrapping_add(CLOCK_MASK / 2) & CLOCK_MASK)
    }

    /// The duration by the rate of the head, counted by the program's clock.
    fn estimated_ms(&self, size: u64) -> Option<i64> {
        /// A shorter time tells no rate.
        const SHORTEST: u64 = CLOCK / 10;
        let Clocks { first, last, .. } = self.clocks.as_ref()?;
        let ticks = last.ticks.wrapping_sub(first.ticks) & CLOCK_MASK;
        let bytes = last.at.checked_sub(first.at).filter(|it| *it > 0)?;
        if !(SHORTEST..CLOCK * 3600).contains(&ticks) {
            return None;
        }
        let ms =
            u128::from(size) * u128::from(ticks) * 1000 / u128::from(bytes) / u128::from(CLOCK);
        i64::try_from(ms).ok()
    }
}

impl Elementary {
    fn push(&mut self, packet: &Packet<'_>, streams: &mut [Stream]) {
        if packet.is_scrambled {
            self.is_scrambled = true;
            return;
        }
        if packet.is_start {
            self.describe(streams);
            let Some(head) = pes_head(packet.payload) else {
                self.is_open = false;
                return;
            };
            if let Some(time) = head.time {
                self.set_first(time);
                let reference = *self.reference.get_or_insert(time);
                if self.times.len() < N_TIMES {
                    self.times.push(signed(time.wrapping_sub(reference)));
                }
            }
            self.is_open = !self.is_described(streams);
            self.extend(head.payload);
        } else if self.is_open {
            self.extend(packet.payload);
        }
    }

    fn extend(&mut self, payload: &[u8]) {
        if self.is_open {
            let room = FRAME_HEAD_BYTES as usize - self.bytes.len();
            self.bytes.extend_from_slice(&payload[..payload.len().min(room)]);
        }
    }

    /// Reads the parameters from what was gathered; what it does not have, the next packet may.
    fn describe(&mut self, streams: &mut [Stream]) {
        if self.bytes.is_empty() {
            return;
        }
        for stream in &self.streams {
            let stream = &mut streams[*stream];
            if !is_described(stream) {
                codec::describe_elementary(stream, &self.bytes);
            }
        }
        self.bytes.clear();
    }

    fn set_first(&mut self, time: u64) {
        let is_earlier = |first: u64| signed(time.wrapping_sub(first)) < 0;
        if self.first.is_none_or(is_earlier) {
            self.first = Some(time);
        }
    }

    fn set_last(&mut self, time: u64, start: u64) {
        self.last = self.last.max(time.wrapping_sub(start) & CLOCK_MASK);
    }

    fn is_described(&self, streams: &[Stream]) -> bool {
        self.streams.iter().all(|it| is_described(&streams[*it]))
    }

    fn is_timed(&self, streams: &[Stream]) -> bool {
        matches!(streams[self.streams[0]].kind, StreamKind::Video | StreamKind::Audio)
    }

    fn is_complete(&self, streams: &[Stream]) -> bool {
        let stream = &streams[self.streams[0]];
        if self.is_scrambled || !self.is_timed(streams) {
            return true;
        }
        let has_rate = stream.kind != StreamKind::Video
            || stream.frame_rate.is_some()
            || self.times.len() >= N_TIMES;
        self.first.is_some() && self.is_described(streams) && has_rate
    }
}

/// A difference of two times, the shorter way around the clock.
fn signed(difference: u64) -> i64 {
    let difference = (difference & CLOCK_MASK) as i64;
    if difference > (CLOCK_MASK / 2) as i64 { difference - (1 << 33) } else { difference }
}

/// Whether the stream's own bytes have nothing more to tell.
fn is_described(stream: &Stream) -> bool {
    match (stream.kind, &stream.codec) {
        (StreamKind::Video, Codec::H264 | Codec::Hevc | Codec::Mpeg1Video) => {
            stream.pixel_format.is_some()
        }
        (StreamKind::Video, Codec::Mpeg2Video | Codec::Mpeg4 | Codec::Vc1) => {
            stream.width.is_some()
        }
        (
            StreamKind::Audio,
            Codec::Aac
            | Codec::Ac3
            | Codec::Eac3
            | Codec::Dts
            | Codec::TrueHd
            | Codec::Mp3
            | Codec::Mp2,
        ) => stream.sample_rate.is_some(),
        (StreamKind::Audio, Codec::Other(name))
            if matches!(name.as_str(), "aac_latm" | "pcm_bluray") =>
        {
            stream.sample_rate.is_some()
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests;
