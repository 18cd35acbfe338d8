//! What a worker is told by its user: its own settings, connector files, connector settings.
//!
//! Everything here is a function of text and of the plugins that exist; only the readers of files
//! touch the outside world.

pub mod client_keys;
pub mod connector;
pub mod connector_file;
pub mod definition;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod json_object;
pub mod override_policy;
pub mod properties;
pub mod version_range;
pub mod worker;
