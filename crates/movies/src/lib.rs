#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod arrange;
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

/// Films as a content kind.
pub static KIND: Kind = Kind {
    id: "movies",
    hint: Hint::Movies,
    subject: Some(Subject::Movie),
    items: &[MOVIE],
    migrations: &MIGRATIONS,
    arrange: arrange::arrange,
    describe,
};

/// The schema `movies`.
pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// A film.
const MOVIE: ItemKind = ItemKind { name: "movie", form: Form::Video, is_top: true };

fn describe<'a>(db: &'a mut PgConnection, items: &'a [Described<'a>]) -> BoxFuture<'a, Result<()>> {
    store::upsert_movies(db, items).boxed()
}
