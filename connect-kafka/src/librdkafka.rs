//! The engine: librdkafka behind safe types. The only module with `unsafe` code, and the only one that names
//! the library.
//!
//! Ownership is simple on purpose. [`Client`] owns the handle and what the callbacks point to; everything else
//! holds an `Arc<Client>`, so the handle outlives all that was made from it. Every other C object has one Rust
//! owner that destroys it on drop. All calls used here are documented as thread-safe.
//!
//! No thread waits in the library: queues tell a [`Notify`](tokio::sync::Notify) when they stop being empty, and
//! are read without blocking afterwards.

pub(crate) use admin::{Request, ask};
pub use allocator::{give_back_memory, tune_allocator};
pub(crate) use client::{Client, Kind, Rebalance};
pub(crate) use consume::{Fetcher, Message};
pub(crate) use errors::error_of;
pub(crate) use partitions::{Listed, PartitionList};
pub(crate) use produce::{Attempt, Run, Sender};
pub use program::give_back_code;
pub(crate) use queue::{Event, EventKind, Queue};

mod admin;
mod admin_results;
mod allocator;
mod client;
mod consume;
mod errors;
mod foreign;
mod group;
mod partitions;
mod placement;
mod produce;
mod program;
mod queue;
mod text;
mod transactions;
