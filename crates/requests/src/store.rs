//! All SQL of the room. What is here is asked of the ordinary catalog's tables, within the scope of whom it concerns.

pub(crate) mod here;
pub(crate) mod known;
pub(crate) mod request;
pub(crate) mod wish;

/// The content kinds of libraries that hold films, and of those that hold series.
pub(crate) struct LibraryKinds {
    pub movie: Vec<String>,
    pub series: Vec<String>,
}
