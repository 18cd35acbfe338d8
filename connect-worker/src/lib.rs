//! A Kafka Connect worker: runtime, herder, REST API and command line.
//!
#![doc = include_str!("../README.md")]
//!
//! ## Modules
//!
//! | module | owns |
//! | --- | --- |
//! | `cli` | one file per command |
//! | [`config`] | what a worker is told: its settings, connector files, connector settings |
//! | [`herder`] | what runs: requests, target states, validation |
//! | [`log_levels`] | how much is logged, to be changed at run time |
//! | [`metrics`] | what is measured, by the reference's names |
//! | `peers` | requests to other workers of the cluster |
//! | [`providers`] | what configurations refer to: looked up, and kept out of messages |
//! | [`rest`] | routes, bodies and errors of the REST API |
//! | [`storage`] | source offsets, statuses, topics in use |
//! | [`worker`] | runs connectors and tasks: source and sink pipelines |

mod cli;
pub mod config;
pub mod herder;
pub mod identity;
pub mod log_levels;
pub mod metrics;
mod peers;
pub mod providers;
pub mod rest;
pub mod storage;
pub mod worker;

// Plugins are found through the linker alone; crates that nothing names would be left out.
use connect_basic_auth as _;
use connect_converters as _;
use connect_file as _;
use connect_providers as _;
use connect_transforms as _;

pub use cli::main;
