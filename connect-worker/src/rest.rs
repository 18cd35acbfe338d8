//! The REST API: what clients of the reference send and receive, to the letter.
//!
//! | module | owns |
//! | --- | --- |
//! | `server` | sockets, from binding to shutdown |
//! | `connection` | one connection of a client, and its limits |
//! | `tls` | certificates and keys of listeners |
//! | `routes` | which path is whose |
//! | `root`, `connectors`, `tasks`, `offsets`, `plugins`, `loggers` | the handlers |
//! | `health`, `metrics`, `openapi` | what the reference does not have, below `/ext/v1` |
//! | `base_url`, `body`, `json`, `path`, `query`, `negotiation` | what is read from a request |
//! | `dto`, `error` | what is written into an answer |
//! | `refusal`, `unread` | requests that nobody has to look at, bodies that nobody reads |
//! | `forward` | requests that another worker of the cluster answers |
//! | `cors`, `response_headers` | what is added to every answer |
//! | `extensions` | plugins that see requests first |
//!
//! Handlers hold no state: they ask the herder, and turn its answer into a body of their own.

mod base_url;
mod body;
mod connection;
mod connectors;
mod cors;
mod dto;
mod error;
mod extensions;
mod forward;
mod health;
mod json;
mod loggers;
mod metrics;
mod negotiation;
mod offsets;
mod openapi;
mod path;
mod plugins;
mod query;
mod refusal;
mod response_headers;
mod root;
mod routes;
mod server;
mod tasks;
mod tls;
mod unread;

use std::sync::Arc;

use connect_core::registry::PluginRegistry;
use tokio::sync::watch;

use crate::herder::Herder;
use crate::herder::validation::Admission;
use crate::log_levels::LogLevels;
use crate::metrics::Metrics;
use crate::peers::Peers;

pub use server::{BoundServer, RestServer, SetupError};

/// What handlers know.
#[derive(Debug)]
struct Api {
    admission: Admission,
    log_levels: LogLevels,
    metrics: Arc<Metrics>,
    /// Other workers of the cluster.
    peers: Peers,
    /// The address of this worker, with a slash at its end, for clients that do not say which they
    /// have used.
    base_url: String,
    /// Whether the worker has created the connectors that it was started with.
    ready: watch::Receiver<bool>,
}

impl Api {
    fn herder(&self) -> &Herder {
        self.admission.herder()
    }

    fn plugins(&self) -> &PluginRegistry {
        self.admission.plugins()
    }
}

#[cfg(test)]
mod tests;
