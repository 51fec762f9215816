//! From files to items: the scan of a library.
//!
//! walk (parallel, opens nothing) → compare with the known rows → arrange what changed by its content kind → read headers of new
//! and changed files → write in batches. Every batch is one transaction that leaves the catalog true, so a scan may be killed
//! anywhere; the next one finds what is missing. Nothing is deleted here.

pub mod arrange;
pub mod ask;
pub mod compare;
mod describe;
mod elsewhere;
mod facts;
mod fingerprint;
mod identity;
mod ignore;
pub mod job;
mod lanes;
pub mod live;
mod look;
pub mod pace;
mod read;
mod rows;
mod run;
mod store;
pub mod walk;
mod write;

pub use ask::Ask;
pub use job::{DeleteVanished, ScanLibrary};
pub use run::{Request, Scanner, Watch};
pub(crate) use store::items::rename_keys;
pub(crate) use store::presence::settle;
pub(crate) use store::progress::{find_settings, is_anybody_playing};
