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
mod openapi;
mod playing;
mod process;
mod recordings;
mod remux;
mod scanning;
mod schema;
mod scope;
mod together;
mod transcode;
