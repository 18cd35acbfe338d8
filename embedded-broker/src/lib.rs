#![doc = include_str!("../README.md")]

pub use broker::Broker;
pub use config::{BrokerConfig, SyncPolicy};
pub use error::BrokerError;

mod api;
mod batch;
mod broker;
mod config;
mod error;
mod groups;
mod journal;
mod log;
mod node;
mod producers;
mod refusal;
mod server;
mod topics;
mod transactions;
mod upkeep;
mod wire;
