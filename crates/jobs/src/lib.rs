#![doc = include_str!("../README.md")]

mod apart;
mod beat;
mod cap;
mod cause;
mod context;
mod envelope;
mod migrate;
mod outcome;
mod pace;
mod queue;
mod registry;
mod report;
mod run;
mod schedule;
mod store;
mod view;
mod work;
mod worker;

pub use cause::on_behalf_of;
pub use context::Context;
pub use migrate::{SCHEMA, SCHEMA_VERSION, applied_migration, migrate, migrate_to};
pub use outcome::JobError;
pub use pace::{Demands, Pace};
pub use queue::{Jobs, QueueView};
pub use registry::{Kind, Registry};
pub use run::{Config, Running};
pub use schedule::{Rule, Schedule, Schedules};
pub use store::GivenUp;
pub use view::{JobCounts, JobFailure, JobState, JobView, Progress};
pub use work::{JobId, Queue, Work};
