//! The public interface, used as the author of a plugin uses it.

mod config;
mod connector;
mod offsets;
