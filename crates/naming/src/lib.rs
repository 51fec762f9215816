#![doc = include_str!("../README.md")]

mod artwork;
mod context;
mod extra;
mod facts;
mod fold;
mod folder;
mod ignored;
mod lexicon;
mod listing;
mod media_class;
mod name;
mod other_media;
mod parsed;
mod path;
mod reading;
mod recognise;
mod sidecar;
mod title;
mod video;

pub use fold::{fold, sort_title};
pub use ignored::is_ignored;
pub use media_class::MediaClass;
pub use parsed::{Fact, Hint, Ids, Kind, Parsed, Span};

/// What `path` says. It is relative to the library's root, or absolute: then all its folders count. `/` separates.
///
/// Knows nothing of the files beside it; [`parse_listing`] does.
pub fn parse(path: &str, hint: Hint) -> Parsed {
    let place = context::Place::of(path);
    let folders = context::Folders::new(place.dir, hint);
    path::parse(&place, &folders, video::Siblings::default(), path::Beside::default())
}

/// What each of `paths` says, knowing the others: which folders collect several films, which video a subtitle or picture
/// belongs to. One result for each path, in the same order; linear in the length of all.
pub fn parse_listing(paths: &[&str], hint: Hint) -> Vec<Parsed> {
    listing::parse(paths, hint)
}
