//! All SQL of the room. Other rooms' connections come here too: every table is named with its schema.

pub(crate) mod delivery;
pub(crate) mod event;
pub(crate) mod mail_server;
pub(crate) mod target;
