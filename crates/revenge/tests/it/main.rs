//! The whole server: every room together, over HTTP, on a real PostgreSQL.

mod access;
mod accounts;
mod adult;
mod analysis;
mod app;
mod bad_input;
mod choosing;
mod confine;
mod edits;
mod errors;
mod hardware;
mod idempotent;
mod messy;
mod migrations;
mod nodes;
mod openapi;
mod painted;
mod painted_text;
mod playing;
mod process;
mod recordings;
mod remux;
mod scanning;
mod schema;
mod scope;
/// Films of the demo have such subtitles, too.
#[path = "../../../xtask/src/demo/sup.rs"]
mod sup;
mod together;
mod transcode;
