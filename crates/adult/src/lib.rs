#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod api;
mod arrange;
mod scene_name;
mod service;
mod store;

use catalog::item::Form;
use catalog::kind::{ItemKind, Kind};
use futures::FutureExt as _;
use futures::future::ready;
use metadata::Subject;
use naming::Hint;
use sqlx::migrate::Migrator;

/// Scenes as a content kind.
pub static KIND: Kind = Kind {
    id: "scenes",
    hint: Hint::Movies,
    // Asked about are databases of scenes alone: the area's catalog knows no other providers.
    subject: Some(Subject::Movie),
    items: &[SCENE],
    migrations: &MIGRATIONS,
    arrange: arrange::arrange,
    describe: |_, _| ready(Ok(())).boxed(),
};

/// It has no tables of its own.
static MIGRATIONS: Migrator = Migrator::DEFAULT;

const SCENE: ItemKind = ItemKind { name: "scene", form: Form::Video, is_top: true };
