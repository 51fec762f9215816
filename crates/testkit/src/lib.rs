#![doc = include_str!("../README.md")]

pub mod database;
pub mod python;
pub mod redis;
pub mod typesense;
