//! All SQL of a scan. Every statement serves a whole batch. The rows of a first scan travel as one array a column, which costs
//! PostgreSQL half of what JSON does; rare ones as one JSON parameter.

pub mod ask;
pub mod cleanup;
pub mod describe;
pub mod files;
pub mod items;
pub mod live;
pub mod presence;
pub mod progress;
pub mod streams;

/// One column of rows, as `UNNEST` takes it.
fn column<'a, R, T>(rows: &'a [R], of: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}
