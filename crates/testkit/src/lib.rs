#![doc = include_str!("../README.md")]

pub mod database;
pub mod mailbox;
pub mod mouthpiece;
pub mod pgbouncer;
pub mod postgres_server;
pub mod proxy;
pub mod python;
pub mod redis;
pub mod typesense;
