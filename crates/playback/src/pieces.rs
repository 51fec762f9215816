//! Sending a segment: what was made and what is copied from the film's file, a chunk in memory at a time.

use std::fs::File;
use std::io::IoSliceMut;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use futures::stream::{self, Stream};
use media::cmaf::{Piece, Segment};
use rustix::io::ReadWriteFlags;
use wire::sendfile::{Line, MAX_STRETCH};

use crate::buffer::{Buffer, CHUNK_BYTES};
use crate::cached::is_cached;
use crate::leisure::Leisure;

/// Pieces of this size are worth a call of the system of their own; smaller ones are gathered.
const LARGE_BYTES: u64 = 32 << 10;

struct Sending {
    file: Arc<File>,
    line: Option<Line>,
    leisure: Option<Leisure>,
    segment: Arc<Segment>,
    piece: usize,
    /// Bytes of the piece that were sent.
    sent: u64,
}

/// The whole segment; what is in memory already does not pass through ours where the client has a line.
pub fn body(file: Arc<File>, segment: Arc<Segment>, line: Option<Line>) -> Body {
    Body::from_stream(sent(file, segment, line, None))
}

/// The whole segment, chunk by chunk: the next is read when the one before was taken.
pub fn chunks(
    file: Arc<File>,
    segment: Arc<Segment>,
) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    sent(file, segment, None, None)
}

/// The same for what nobody waits for.
pub fn chunks_at_leisure(
    file: Arc<File>,
    segment: Arc<Segment>,
    leisure: Leisure,
) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    sent(file, segment, None, Some(leisure))
}

fn sent(
    file: Arc<File>,
    segment: Arc<Segment>,
    line: Option<Line>,
    leisure: Option<Leisure>,
) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    let start = Sending { file, line, leisure, segment, piece: 0, sent: 0 };
    stream::try_unfold(start, |mut sending| async move {
        if let Some(bytes) = sending.next_straight() {
            return Ok(Some((bytes, sending)));
        }
        let parts = sending.next_parts();
        if parts.is_empty() {
            return Ok(None);
        }
        let (file, segment) = (Arc::clone(&sending.file), Arc::clone(&sending.segment));
        // What is in memory already is not worth another thread.
        let cached = read(&file, &segment, &parts, ReadWriteFlags::NOWAIT).ok();
        let bytes = if let Some(bytes) = cached {
            bytes
        } else {
            let read = move || read(&file, &segment, &parts, ReadWriteFlags::empty());
            match &sending.leisure {
                Some(leisure) => leisure.run(read).await.map_err(std::io::Error::other)??,
                None => tokio::task::spawn_blocking(read).await??,
            }
        };
        Ok::<_, std::io::Error>(Some((bytes, sending)))
    })
}

/// A part of a piece.
struct Part {
    piece: usize,
    from: u64,
    size: usize,
}

fn size_of_piece(piece: &Piece) -> u64 {
    match piece {
        Piece::Made(bytes) => bytes.len() as u64,
        Piece::Copied { size, .. } => *size,
    }
}

impl Sending {
    /// What stands for the next bytes of a large piece, if they need not pass through our memory.
    fn next_straight(&mut self) -> Option<Bytes> {
        let line = self.line.as_ref()?;
        let Piece::Copied { offset, size } = *self.segment.pieces.get(self.piece)? else {
            return None;
        };
        let left = size - self.sent;
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(MAX_STRETCH);
        let at = offset + self.sent;
        if left < LARGE_BYTES || !is_cached(&self.file, at, length) {
            return None;
        }
        let bytes = line.stand_in(&self.file, at, length);
        self.advance(length);
        Some(bytes)
    }

    fn advance(&mut self, n: usize) {
        self.sent += n as u64;
        if self.segment.pieces.get(self.piece).is_some_and(|it| size_of_piece(it) == self.sent) {
            (self.piece, self.sent) = (self.piece + 1, 0);
        }
    }

    /// Whether a piece may be sent without us.
    fn is_straight(&self, piece: &Piece) -> bool {
        self.line.is_some() && matches!(piece, Piece::Copied { size, .. } if *size >= LARGE_BYTES)
    }

    /// What fills the next chunk.
    fn next_parts(&mut self) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut room = CHUNK_BYTES;
        while let Some(piece) = self.segment.pieces.get(self.piece).filter(|_| room > 0) {
            if self.is_straight(piece) && !parts.is_empty() {
                break;
            }
            let left = size_of_piece(piece) - self.sent;
            let size = usize::try_from(left).unwrap_or(usize::MAX).min(room);
            if size > 0 {
                parts.push(Part { piece: self.piece, from: self.sent, size });
            }
            room -= size;
            self.advance(size);
        }
        parts
    }
}

fn read(
    file: &File,
    segment: &Segment,
    parts: &[Part],
    flags: ReadWriteFlags,
) -> std::io::Result<Bytes> {
    let mut buffer = Buffer::take(parts.iter().map(|it| it.size).sum());
    let mut between = vec![0; gaps(segment, parts)];
    let (mut rest, mut spare) = (buffer.as_mut(), between.as_mut_slice());
    let mut stretch = Stretch { file, flags, at: 0, end: 0, slices: Vec::new() };
    for part in parts {
        let (target, behind) = rest.split_at_mut(part.size);
        rest = behind;
        match &segment.pieces[part.piece] {
            Piece::Made(made) => {
                let from = part.from as usize;
                target.copy_from_slice(&made[from..from + part.size]);
            }
            Piece::Copied { offset, .. } => {
                let at = offset + part.from;
                match gap(stretch.end, at) {
                    Some(gap) if stretch.has_room() => {
                        let (skipped, behind) = spare.split_at_mut(gap);
                        spare = behind;
                        stretch.push(skipped);
                    }
                    _ => stretch.turn_to(at)?,
                }
                stretch.push(target);
            }
        }
    }
    stretch.read()?;
    Ok(buffer.into())
}

/// Bytes between the end of a part and the next one, if they are read faster than passed over.
fn gap(end: u64, at: u64) -> Option<usize> {
    const MAX_GAP: u64 = 4096;
    at.checked_sub(end).filter(|it| *it <= MAX_GAP).map(|it| it as usize)
}

/// Bytes in all gaps between the parts.
fn gaps(segment: &Segment, parts: &[Part]) -> usize {
    let (mut end, mut sum) = (0, 0);
    for part in parts {
        if let Piece::Copied { offset, .. } = &segment.pieces[part.piece] {
            let at = offset + part.from;
            sum += gap(end, at).unwrap_or(0);
            end = at + part.size as u64;
        }
    }
    sum
}

/// Parts that lie one behind the other with hardly anything between them, which one call of the system reads: there is a
/// little sound between two pictures, and in a transport stream a picture is in hundreds of pieces.
struct Stretch<'a> {
    file: &'a File,
    flags: ReadWriteFlags,
    at: u64,
    end: u64,
    slices: Vec<IoSliceMut<'a>>,
}

impl<'a> Stretch<'a> {
    /// Whether a gap and a part fit in one call: systems take 1024.
    fn has_room(&self) -> bool {
        (1..=1022).contains(&self.slices.len())
    }

    fn push(&mut self, target: &'a mut [u8]) {
        self.end += target.len() as u64;
        if !target.is_empty() {
            self.slices.push(IoSliceMut::new(target));
        }
    }

    /// Reads what was gathered, and goes on at another place.
    fn turn_to(&mut self, at: u64) -> std::io::Result<()> {
        self.read()?;
        (self.at, self.end) = (at, at);
        Ok(())
    }

    fn read(&mut self) -> std::io::Result<()> {
        let mut slices = self.slices.as_mut_slice();
        while !slices.is_empty() {
            let read = if self.flags.is_empty() {
                // Every file system knows the plain call.
                rustix::io::retry_on_intr(|| rustix::io::preadv(self.file, slices, self.at))?
            } else {
                rustix::io::preadv2(self.file, slices, self.at, self.flags)?
            };
            if read == 0 {
                // The answer's length was promised; a file that got shorter must end the connection, not look complete.
                return Err(std::io::Error::new(
                    std::io::ErrorKind::UnexpectedEof,
                    "the file got shorter while it was sent",
                ));
            }
            self.at += read as u64;
            IoSliceMut::advance_slices(&mut slices, read);
        }
        self.slices.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn made_and_copied_pieces_are_sent_in_order() {
        let bytes: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
        let mut file = tempfile::tempfile().expect("a file");
        std::io::Write::write_all(&mut file, &bytes).expect("space for it");
        let pieces = vec![
            Piece::Made(b"head".to_vec()),
            Piece::Copied { offset: 7, size: 700_000 },
            Piece::Made(Vec::new()),
            Piece::Copied { offset: 3, size: 2 },
        ];
        let segment = Arc::new(Segment { pieces, size: 700_006 });
        let sent =
            body(Arc::new(file), segment, None).collect().await.expect("all of it").to_bytes();
        assert!(sent == [b"head", &bytes[7..700_007], &bytes[3..5]].concat());
    }

    #[tokio::test]
    async fn parts_of_packets_are_gathered_from_one_stretch() {
        let bytes: Vec<u8> = (0..600_000_u32).map(|n| (n % 239) as u8).collect();
        let mut file = tempfile::tempfile().expect("a file");
        std::io::Write::write_all(&mut file, &bytes).expect("space for it");
        let mut pieces = Vec::new();
        let mut expected = Vec::new();
        for packet in 0..3000_u64 {
            if packet % 10 == 0 {
                pieces.push(Piece::Made(vec![7; 4]));
                expected.extend([7; 4]);
            }
            // Some are far away.
            let offset = if packet % 1000 == 999 { 5 } else { packet * 188 + 4 };
            pieces.push(Piece::Copied { offset, size: 184 });
            expected.extend(&bytes[offset as usize..offset as usize + 184]);
        }
        let segment = Arc::new(Segment { pieces, size: expected.len() as u64 });
        let sent =
            body(Arc::new(file), segment, None).collect().await.expect("all of it").to_bytes();
        assert!(sent == expected);
    }

    #[tokio::test]
    async fn a_file_that_got_shorter_ends_the_connection() {
        let segment = Segment { pieces: vec![Piece::Copied { offset: 0, size: 9 }], size: 9 };
        let file = Arc::new(tempfile::tempfile().expect("a file"));
        assert!(body(file, Arc::new(segment), None).collect().await.is_err());
    }
}
