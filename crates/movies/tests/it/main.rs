//! A library of films, scanned from real files into a real database.

mod artwork;
mod faults;
mod films;
mod house;
mod moves;
mod scan;
mod silence;
mod store;
mod unreadable;
