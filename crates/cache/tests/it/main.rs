//! The contract of the cache on each of its engines, and what happens when the server goes away.

mod contract;
mod outage;
