//! The contract of search on each of its engines, and what is particular to one.

mod contract;
mod films;
mod folder;
mod judged;
mod narrowing;
mod typesense;
