//! From files to items: the scan of a library.

pub mod compare;
pub mod fingerprint;
mod ignore;
pub mod walk;
