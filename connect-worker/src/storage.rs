//! What a worker remembers: statuses, topics in use, and how far sources have come.

pub mod offsets;
pub mod status;
pub mod topics;
