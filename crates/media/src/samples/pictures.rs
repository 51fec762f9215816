//! Pictures put together of units: where one ends and the next begins, and which can be decoded alone.

mod roles;

use std::collections::VecDeque;
use std::sync::Arc;

use self::roles::{Half, Role};
use super::units::{Unit, Units};
use crate::cmaf::Piece;
use crate::codec::avc;
use crate::stream::Codec;

/// Parameter sets of one picture that are kept.
const MAX_SETS: usize = 64;
/// Units that may stand before a picture's first slice.
const MAX_AHEAD: usize = 256;
/// A larger picture is none.
const MAX_PICTURE_BYTES: usize = 64 << 20;

/// How pictures are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// H.264.
    Avc,
    /// HEVC.
    Hevc,
    /// MPEG-1 and MPEG-2.
    Mpeg2,
    /// MPEG-4 part 2.
    Mpeg4,
    /// VC-1, the advanced profile.
    Vc1,
}

impl Coding {
    /// `None` for codecs whose pictures are not told apart by start codes.
    pub fn of(codec: &Codec) -> Option<Self> {
        Some(match codec {
            Codec::H264 => Self::Avc,
            Codec::Hevc => Self::Hevc,
            Codec::Mpeg1Video | Codec::Mpeg2Video => Self::Mpeg2,
            Codec::Mpeg4 => Self::Mpeg4,
            Codec::Vc1 => Self::Vc1,
            _ => return None,
        })
    }

    /// Whether a sample has the size of each unit before it, and the parameter sets stand outside.
    fn has_sizes(self) -> bool {
        matches!(self, Self::Avc | Self::Hevc)
    }
}

/// One picture: a frame, or the two fields of one.
#[derive(Debug, Default)]
pub(super) struct Picture {
    /// The packet that it begins in.
    pub packet: usize,
    /// Decoding can begin with it.
    pub is_key: bool,
    /// Others are shown before it though they come behind it, and none needs it.
    pub is_between: bool,
    /// Nothing before it is needed for anything behind it.
    pub is_idr: bool,
    /// Its place in the order of showing, as far as it tells.
    pub order: Option<u32>,
    /// For how many fields it is shown, in MPEG-1 and MPEG-2.
    pub n_fields: u8,
    /// Where its first byte lies.
    pub offset: u64,
    /// Bytes of the sample.
    pub size: usize,
    /// What the sample is put together from.
    pub parts: Vec<Piece>,
    /// Parameter sets, each as a unit.
    pub sets: Vec<Vec<u8>>,
    half: Option<Half>,
    n_halves: u8,
}

impl Picture {
    /// What a sample is put together from; `None` where it is too large for one.
    pub fn pieces(&mut self) -> Option<(u32, Arc<[Piece]>)> {
        let size = u32::try_from(self.size).ok()?;
        Some((size, std::mem::take(&mut self.parts).into()))
    }

    /// Gives it those of the parameter sets that it does not bring itself.
    pub fn give(&mut self, coding: Coding, sets: &[Vec<u8>]) {
        if !coding.has_sizes() {
            return;
        }
        let mut made = Vec::new();
        for set in sets.iter().filter(|it| !self.sets.contains(it)) {
            made.extend((set.len() as u32).to_be_bytes());
            made.extend(set);
        }
        if !made.is_empty() {
            self.size += made.len();
            self.parts.insert(0, Piece::Made(made));
        }
    }
}

/// Packets that have begun, with what is to be known of them, for as long as a picture may begin in one.
#[derive(Debug)]
pub(super) struct Packets<T> {
    n_gone: usize,
    recent: VecDeque<(u64, Option<T>)>,
}

impl<T> Default for Packets<T> {
    fn default() -> Self {
        Self { n_gone: 0, recent: VecDeque::new() }
    }
}

impl<T> Packets<T> {
    /// A packet begins at a place.
    pub fn begin(&mut self, at: u64, known: Option<T>) {
        /// Pictures that span more packets than this are not told apart.
        const MAX_RECENT: usize = 4096;
        self.recent.push_back((at, known));
        if self.recent.len() > MAX_RECENT {
            self.recent.pop_front();
            self.n_gone += 1;
        }
    }

    /// How many have begun: the number of the one that is being read. 0: none.
    pub fn number(&self) -> usize {
        self.n_gone + self.recent.len()
    }

    /// The place of a packet and what is known of it, which is given once: to the first picture that begins in it.
    pub fn take(&mut self, number: usize) -> (Option<u64>, Option<T>) {
        let at = number.checked_sub(self.n_gone + 1);
        let found = at.and_then(|it| self.recent.get_mut(it));
        found.map_or((None, None), |it| (Some(it.0), it.1.take()))
    }
}

/// Puts pictures together.
#[derive(Debug)]
pub(super) struct Pictures {
    coding: Coding,
    /// Parameter sets that the decoder has been given.
    known: Vec<Vec<u8>>,
    units: Units,
    keeps_parts: bool,
    /// Whether pictures keep the sets that the decoder has been given, since it is given others between.
    keeps_sets: bool,
    sequence: Option<avc::Sequence>,
    /// Units that stand before a picture whose first slice has not come.
    ahead: Vec<(Unit, bool)>,
    open: Option<Picture>,
    done: VecDeque<Picture>,
}

impl Pictures {
    /// For looking at pictures only.
    pub fn unread(coding: Coding) -> Self {
        Self::new(coding, Vec::new(), false)
    }

    /// For samples beside a description with these parameter sets.
    pub fn with_sets(coding: Coding, known: &[Vec<u8>]) -> Self {
        let mut pictures = Self::new(coding, known.to_vec(), true);
        if coding == Coding::Avc {
            pictures.sequence = known.iter().find_map(|it| roles::sequence(it));
        }
        pictures
    }

    /// The same where sets change: all that come stay in the samples.
    pub fn with_sets_inside(self) -> Self {
        Self { keeps_sets: true, ..self }
    }

    fn new(coding: Coding, known: Vec<Vec<u8>>, keeps_parts: bool) -> Self {
        Self {
            coding,
            known,
            units: Units::new(keeps_parts),
            keeps_parts,
            keeps_sets: false,
            sequence: None,
            ahead: Vec::new(),
            open: None,
            done: VecDeque::new(),
        }
    }

    /// Takes the next piece of the stream.
    pub fn push(&mut self, offset: u64, bytes: &[u8], packet: usize) {
        let mut found = Vec::new();
        self.units.push(offset, bytes, packet, |it| found.push(it));
        for unit in found {
            self.unit(unit);
        }
    }

    /// Nothing follows.
    pub fn finish(&mut self) {
        if let Some(unit) = self.units.finish() {
            self.unit(unit);
        }
        self.done.extend(self.open.take());
        self.ahead.clear();
    }

    /// The next picture that is whole.
    pub fn next(&mut self) -> Option<Picture> {
        self.done.pop_front()
    }

    fn unit(&mut self, unit: Unit) {
        let role = roles::of(self.coding, &unit.head, self.sequence.as_ref());
        match role {
            Role::Ahead { is_set, is_kept } => {
                if is_set && self.coding == Coding::Avc {
                    self.sequence = unit.whole().and_then(roles::sequence).or(self.sequence.take());
                }
                if self.ahead.len() < MAX_AHEAD && (is_kept || self.ahead.is_empty()) {
                    let mut unit = unit;
                    if !is_kept {
                        // It is not part of the sample, but says where the picture begins.
                        unit = Unit { packet: unit.packet, ..Unit::default() };
                    }
                    self.ahead.push((unit, is_set));
                }
            }
            Role::Picture { is_key, is_between, is_idr, order, half } => {
                let is_second = self.open.as_ref().is_some_and(|it| {
                    it.n_halves == 1 && half.zip(it.half).is_some_and(|(a, b)| a.goes_with(b))
                });
                if !is_second {
                    self.done.extend(self.open.take());
                }
                // In VC-1 an entry point stands before pictures that need no other.
                let is_key =
                    is_key || (self.coding == Coding::Vc1 && self.ahead.iter().any(|it| it.1));
                let packet = self.ahead.first().map_or(unit.packet, |it| it.0.packet);
                let picture = self.open.get_or_insert_with(|| Picture {
                    packet,
                    is_key,
                    is_between,
                    is_idr,
                    order,
                    half,
                    n_fields: 2,
                    ..Picture::default()
                });
                picture.n_halves += 1;
                for (ahead, is_set) in std::mem::take(&mut self.ahead) {
                    self.add(ahead, is_set);
                }
                self.add(unit, false);
            }
            Role::Slice => self.add(unit, false),
            Role::Half { structure, is_repeated } => {
                if let Some(picture) = &mut self.open {
                    if let Some(half) = &mut picture.half {
                        half.structure = structure;
                    }
                    // One field is shown again.
                    picture.n_fields = if is_repeated { 3 } else { 2 };
                }
                self.add(unit, false);
            }
            Role::Behind if self.ahead.is_empty() => self.add(unit, false),
            Role::Behind => self.ahead.push((unit, false)),
            Role::Waste => {}
        }
        if self.ahead.len() >= MAX_AHEAD {
            self.ahead.clear();
        }
    }

    /// Adds a unit to the open picture.
    fn add(&mut self, unit: Unit, is_set: bool) {
        let Some(picture) = &mut self.open else { return };
        if unit.size == 0 {
            return;
        }
        if is_set && let Some(whole) = unit.whole() {
            let is_known = !self.keeps_sets && self.known.iter().any(|it| it == whole);
            if is_known && self.coding.has_sizes() {
                return;
            }
            let is_new = !is_known && picture.sets.iter().all(|it| it != whole);
            if is_new && picture.sets.len() < MAX_SETS {
                picture.sets.push(whole.to_vec());
            }
        }
        if picture.size + unit.size > MAX_PICTURE_BYTES {
            return;
        }
        if !self.keeps_parts {
            picture.size += unit.size;
            return;
        }
        let prefix = if self.coding.has_sizes() {
            (unit.size as u32).to_be_bytes().to_vec()
        } else {
            vec![0, 0, 1]
        };
        if picture.parts.is_empty() {
            picture.offset = unit.parts.first().map_or(0, |it| it.0);
        }
        picture.size += prefix.len() + unit.size;
        picture.parts.push(Piece::Made(prefix));
        for (offset, size) in unit.parts {
            picture.parts.push(Piece::Copied { offset, size: size.into() });
        }
    }
}
