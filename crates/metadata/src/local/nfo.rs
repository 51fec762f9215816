//! NFO files: the XML that Kodi, Jellyfin, Emby and their tools keep beside the media.

mod charset;
mod document;
mod pictures;
mod spans;
mod tree;
mod write;

use crate::{Facts, RemoteArtwork};

pub use write::write;

/// An NFO file larger than this is none; the largest real ones, with hundreds of actors, have a tenth of it.
pub const MAX_BYTES: usize = 2 * 1024 * 1024;

/// What one document of an NFO file describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A film.
    Movie,
    /// A whole series.
    Series,
    /// A season.
    Season,
    /// An episode.
    Episode,
    /// Not said: the file holds only the address of a page about it.
    Unknown,
}

/// One document of an NFO file. A file of a double episode holds two.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// What it describes.
    pub subject: Subject,
    /// What it says.
    pub facts: Facts,
    /// Addresses of pictures, asked for only where the owner allows it: anybody may have written them.
    pub artwork: Vec<RemoteArtwork>,
    /// The same for seasons, in the document of a series.
    pub season_artwork: Vec<(i32, RemoteArtwork)>,
    /// Names of seasons, in the document of a series.
    pub season_titles: Vec<(i32, String)>,
}

impl Document {
    /// A document of which no more is known.
    pub fn new(subject: Subject, facts: Facts) -> Self {
        Self {
            subject,
            facts,
            artwork: Vec::new(),
            season_artwork: Vec::new(),
            season_titles: Vec::new(),
        }
    }
}

/// Why an NFO file says nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NfoError {
    /// It is not what its name promises.
    #[error("the NFO file is larger than {} MB", MAX_BYTES / 1024 / 1024)]
    TooLarge,
    /// The XML is broken before anything could be read.
    #[error("the NFO file is broken at byte {at}: {what}")]
    Broken {
        /// Offset in bytes after decoding.
        at: u64,
        /// What the XML reader met there.
        what: String,
    },
    /// Nested deeper, or of more elements, than any description is.
    #[error("the NFO file has too many elements")]
    TooComplex,
    /// Readable, but not about a film or show.
    #[error("the NFO file describes no film or show")]
    Nothing,
}

/// What the NFO file with these `bytes` says: one document per described thing.
///
/// XML that breaks off after a whole document gives the documents before the break, as editors that append addresses or
/// are killed while writing leave such files behind.
pub fn read(bytes: &[u8]) -> Result<Vec<Document>, NfoError> {
    if bytes.len() > MAX_BYTES {
        return Err(NfoError::TooLarge);
    }
    let text = charset::decode(bytes);
    let (roots, rest) = tree::read(&text)?;
    let mut documents: Vec<Document> = roots.iter().filter_map(document::read).collect();
    let ids = document::ids_in_addresses(&rest);
    match documents.first_mut() {
        Some(document) => {
            for (provider, id) in ids {
                document.facts.ids.entry(provider).or_insert(id);
            }
        }
        None if ids.is_empty() => return Err(NfoError::Nothing),
        None => documents.push(Document::new(
            Subject::Unknown,
            Facts { ids: ids.into_iter().collect(), ..Facts::default() },
        )),
    }
    Ok(documents)
}

#[cfg(test)]
mod tests;
