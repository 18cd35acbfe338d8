//! Workers that share connectors and tasks as members of a group.

pub mod assignor;
pub mod protocol;
