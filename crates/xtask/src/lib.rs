#![doc = include_str!("../README.md")]

pub mod bench;
pub mod checks;
mod clip;
pub mod corpus;
pub mod database;
pub mod demo;
mod ffmpeg;
pub mod fix;
pub mod generate;
pub mod hostile;
pub mod messy;
mod program;
mod root;
pub mod tidy;
