//! The person's own folder as a provider: NFO files beside the media, and the tags inside it.

pub mod nfo;
pub mod tags;
