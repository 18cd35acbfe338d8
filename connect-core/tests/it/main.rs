//! The public interface, used as the author of a plugin uses it.

#![expect(clippy::panic, reason = "helpers fail the test that calls them")]

mod attributes;
mod config;
mod connector;
mod declarative_macro;
mod faults;
mod hygiene;
mod laws;
mod leaks;
mod live;
mod nested;
mod offsets;
mod orders;
mod plugin_fields;
mod provider;
mod reexported;
mod reference;
mod relations;
mod tagged;
mod tasks;
mod transactions;
mod transform;
mod unfit;
