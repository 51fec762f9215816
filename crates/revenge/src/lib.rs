//! The program: command line, configuration, wiring, start and stop.

pub mod config;
