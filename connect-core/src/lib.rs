//! The SDK of Kafka Connect plugins.

// Generated code names this crate `::connect_core`; inside the crate that must work too.
extern crate self as connect_core;

pub mod config;
pub mod data;
pub mod error;

pub use error::{ConnectError, ErrorKind, Result};
