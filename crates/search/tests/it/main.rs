//! The contract of search on each of its engines, and what is particular to one.

mod alike;
mod both;
mod contract;
mod films;
mod folder;
mod judged;
mod narrowing;
mod nearest;
mod sorting;
mod typesense;
