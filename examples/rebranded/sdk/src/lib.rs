//! What connectors at Acme are made with.

#![forbid(unsafe_code)]

pub use connect_core as sdk;
