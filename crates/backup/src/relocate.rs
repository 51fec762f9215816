//! A database into another, without a file between: the same rows, the same way as a restore.

use futures::StreamExt as _;
use postgres::transfer::{Loading, Snapshot, Tallying, tally};

use crate::make::list_states;
use crate::manifest::TableRows;
use crate::restore::Destination;
use crate::{Error, Progress, Report, Result};

/// Moves what `snapshot` shows into `destination`, where every table is read again and compared row by row before anything is kept. Returns the tables with
/// their rows. Nothing changes where it came from.
pub async fn relocate(
    snapshot: &mut Snapshot,
    queue_migration: i64,
    destination: Destination<'_>,
    report: Report<'_>,
) -> Result<Vec<TableRows>> {
    let schemas = destination.schemas();
    let states = list_states(snapshot, &schemas).await?;
    destination.sets_of(&states)?;
    destination.must_be_free().await?;
    destination
        .replace(&states, queue_migration, |loading| copy(snapshot, loading, &schemas, report))
        .await
}

async fn copy(
    snapshot: &mut Snapshot,
    mut loading: Loading,
    schemas: &[&str],
    report: Report<'_>,
) -> Result<(Loading, Vec<TableRows>)> {
    let tables = snapshot.list_tables(schemas).await?;
    let total = tables.len() as u64;
    let mut moved = Vec::with_capacity(tables.len());
    for (done, table) in tables.into_iter().enumerate() {
        if !report(Progress { done: done as u64, total, note: table.title() }) {
            return Err(Error::Stopped);
        }
        let mut into = loading.load(&table).await?;
        let mut rows = snapshot.read(&table).await?;
        let mut there = Tallying::default();
        while let Some(bytes) = rows.next().await {
            let bytes = bytes?;
            there.add(&bytes);
            into.send(bytes).await?;
        }
        drop(rows);
        into.finish().await?;
        let there = there.finish();
        let here = tally(loading.connection(), &table).await?;
        if here.rows != there.rows {
            return Err(Error::Miscounted {
                table: table.title(),
                here: here.rows,
                there: there.rows,
            });
        }
        if here != there {
            return Err(Error::Altered { table: table.title() });
        }
        moved.push(TableRows { table, rows: here.rows, parts: 0 });
    }
    for sequence in snapshot.list_sequences(schemas).await? {
        loading.set_sequence(&sequence).await?;
    }
    Ok((loading, moved))
}
