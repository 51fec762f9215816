//! The whole server: every room together, over HTTP, on a real PostgreSQL.

mod access;
mod accounts;
mod adult;
mod allowance;
mod analysis;
mod app;
mod audit;
mod authenticator;
mod bad_input;
mod choosing;
mod cluster;
mod confine;
mod device_profile;
mod downloads;
mod edits;
mod errors;
mod export;
mod hardware;
mod idempotent;
mod invitations;
mod keys;
mod limits;
mod messy;
mod migrations;
mod nodes;
mod openapi;
mod painted;
mod painted_text;
mod passkeys;
mod playing;
mod process;
mod quick_connect;
mod recordings;
mod remux;
mod roles;
mod scanning;
mod schema;
mod scope;
mod second_factor;
mod sessions;
mod sign_in;
/// Films of the demo have such subtitles, too.
#[path = "../../../xtask/src/demo/sup.rs"]
mod sup;
mod together;
mod transcode;
