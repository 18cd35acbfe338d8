//! The topic of configurations: its records, and what they mean one after the other.

pub mod record;
pub mod session_key;
pub mod state;
