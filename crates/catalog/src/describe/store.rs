//! All SQL of describing: what sources say, what the items' rows are made of, matches, and when to ask again.

pub mod due;
pub mod guide;
pub mod lists;
pub mod out;
pub mod people;
pub mod pictures;
pub mod place;
pub mod setting;
pub mod source;
