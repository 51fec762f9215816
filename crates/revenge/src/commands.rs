//! What each command of the program does.

pub mod backup;
pub mod config;
pub mod doctor;
pub mod identify;
pub mod import;
pub mod library;
pub mod openapi;
pub mod serve;
pub mod transcoder;
pub mod user;
