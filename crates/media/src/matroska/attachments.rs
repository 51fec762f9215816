//! Attachments: only the headers are read, the files themselves stay on the disk.

use super::ebml::{Element, element_at};
use crate::ProbeError;
use crate::probe::{Attachment, CoverRef, MAX_STREAMS, MAX_TEXT_BYTES, Probe};
use crate::read::Source;
use crate::stream::{Stream, StreamKind};

const ATTACHED_FILE: u32 = 0x61a7;
const FILE_NAME: u32 = 0x466e;
const FILE_MIME: u32 = 0x4660;
const FILE_DATA: u32 = 0x465c;

/// Children of one attachment that are looked at.
const MAX_CHILDREN: usize = 32;

pub(super) fn read(
    src: &Source<'_>,
    attachments: Element,
    probe: &mut Probe,
) -> Result<(), ProbeError> {
    let mut at = attachments.body;
    // Numbered as FFmpeg does: attachments come after the tracks, pictures among them count too.
    let mut index = probe.streams.len() as u32;
    while at < attachments.end && probe.attachments.len() < MAX_STREAMS {
        let file = element_at(src, at, attachments.end)?;
        at = file.end;
        if file.id != ATTACHED_FILE {
            continue;
        }
        let attachment = read_file(src, file)?;
        if let Some(stream) = as_stream(index, &attachment) {
            probe.streams.push(stream);
        }
        index += 1;
        probe.attachments.push(attachment);
    }
    probe.cover = cover(&probe.attachments);
    Ok(())
}

fn read_file(src: &Source<'_>, file: Element) -> Result<Attachment, ProbeError> {
    let mut attachment = Attachment { file_name: None, mime: None, offset: None, size_bytes: None };
    let mut at = file.body;
    for _ in 0..MAX_CHILDREN {
        if at >= file.end {
            break;
        }
        let child = element_at(src, at, file.end)?;
        at = child.end;
        match child.id {
            FILE_NAME => attachment.file_name = text(src, child)?,
            FILE_MIME => attachment.mime = text(src, child)?,
            FILE_DATA if child.end <= src.size => {
                (attachment.offset, attachment.size_bytes) =
                    (Some(child.body), Some(child.end - child.body));
            }
            FILE_DATA => return Err(src.truncated("an attachment")),
            _ => {}
        }
    }
    Ok(attachment)
}

fn text(src: &Source<'_>, element: Element) -> Result<Option<String>, ProbeError> {
    let size = (element.end - element.body).min(MAX_TEXT_BYTES as u64);
    let bytes = src.bytes(element.body, size, "an attachment")?;
    let text = String::from_utf8_lossy(&bytes).trim_end_matches('\0').to_owned();
    Ok(Some(text).filter(|it| !it.is_empty()))
}

/// Pictures are covers, not streams.
fn as_stream(index: u32, attachment: &Attachment) -> Option<Stream> {
    if attachment.mime.as_deref().is_some_and(|it| it.starts_with("image/")) {
        return None;
    }
    let mut stream = Stream::new(index, StreamKind::Attachment, attachment.codec());
    stream.title.clone_from(&attachment.file_name);
    stream.attachment = Some(attachment.clone());
    Some(stream)
}

/// The picture named `cover` in portrait, then any named `cover`, then the first picture.
fn cover(attachments: &[Attachment]) -> Option<CoverRef> {
    let rank = |it: &Attachment| {
        let name = it.file_name.as_deref().unwrap_or_default().to_ascii_lowercase();
        match name {
            _ if name.starts_with("cover.") => 0,
            _ if name.contains("cover") => 1,
            _ => 2,
        }
    };
    let is_picture =
        |it: &&Attachment| it.mime.as_deref().is_some_and(|it| it.starts_with("image/"));
    let picture = attachments.iter().filter(is_picture).min_by_key(|it| rank(it))?;
    Some(CoverRef {
        mime: picture.mime.clone()?,
        offset: picture.offset,
        size_bytes: picture.size_bytes,
    })
}
