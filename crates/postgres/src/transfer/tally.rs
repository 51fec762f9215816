//! What the rows of a table come to, in whatever order they are read.

use futures::StreamExt as _;
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;

use super::{Table, statement};
use crate::Result;

/// How many rows, and the sum of their checksums: two tables that have the same hold the same rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many rows.
    pub rows: u64,
    sum: u128,
}

/// A tally on its way.
#[derive(Debug, Default)]
pub struct Tallying {
    tally: Tally,
    /// The row that the last bytes broke off in.
    row: Sha256,
}

impl Tallying {
    /// Takes the next bytes that `COPY` wrote, cut anywhere. In its text a row's end is the only end of a line.
    pub fn add(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|it| *it == b'\n') {
            self.row.update(piece);
            if piece.ends_with(b"\n") {
                let digest = self.row.finalize_reset();
                let half = digest.first_chunk().expect("a digest has 32 bytes");
                self.tally.sum = self.tally.sum.wrapping_add(u128::from_be_bytes(*half));
                self.tally.rows += 1;
            }
        }
    }

    /// What it came to.
    pub fn finish(self) -> Tally {
        self.tally
    }
}

/// The tally of the table's rows as `connection` sees them.
pub async fn tally(connection: &mut PgConnection, table: &Table) -> Result<Tally> {
    let copy = format!("COPY {} TO STDOUT", table.with_columns());
    let mut rows = connection.copy_out_raw(&copy).await.map_err(statement)?;
    let mut tally = Tallying::default();
    while let Some(bytes) = rows.next().await {
        tally.add(&bytes.map_err(statement)?);
    }
    Ok(tally.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pieces: &[&str]) -> Tally {
        let mut tally = Tallying::default();
        for piece in pieces {
            tally.add(piece.as_bytes());
        }
        tally.finish()
    }

    #[test]
    fn rows_count_whatever_their_order_and_wherever_they_are_cut() {
        let whole = of(&["1\ta\n2\tb\n2\tb\n"]);
        assert_eq!(whole.rows, 3);
        assert_eq!(of(&["2\tb\n", "1\ta\n", "2\tb\n"]), whole);
        assert_eq!(of(&["2", "\tb\n1\t", "a\n2\tb", "\n"]), whole);
        for other in ["1\ta\n2\tb\n", "1\ta\n2\tb\n2\tc\n", "1\ta\n1\ta\n2\tb\n", ""] {
            assert_ne!(of(&[other]), whole, "{other:?}");
        }
    }
}
