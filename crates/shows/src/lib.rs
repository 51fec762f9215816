#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod arrange;
mod series;
mod store;

use catalog::item::Form;
use catalog::kind::{Described, ItemKind, Kind};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use kernel::Result;
use metadata::Subject;
use naming::Hint;
use sqlx::PgConnection;
use sqlx::migrate::Migrator;

/// Shows as a content kind.
pub static KIND: Kind = Kind {
    id: "shows",
    hint: Hint::Shows,
    subject: Some(Subject::Series),
    items: &[SERIES, SEASON, EPISODE],
    migrations: &MIGRATIONS,
    arrange: arrange::arrange,
    describe,
};

/// The schema `shows`.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// A series.
const SERIES: ItemKind = ItemKind { name: "series", form: Form::Group, is_top: true };
/// A season of one.
const SEASON: ItemKind = ItemKind { name: "season", form: Form::Group, is_top: false };
/// An episode, or several in one file.
const EPISODE: ItemKind = ItemKind { name: "episode", form: Form::Video, is_top: false };

fn describe<'a>(db: &'a mut PgConnection, items: &'a [Described<'a>]) -> BoxFuture<'a, Result<()>> {
    store::upsert_details(db, items).boxed()
}
