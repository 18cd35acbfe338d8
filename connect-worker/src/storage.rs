//! What a worker remembers: statuses, and how far sources have come.

pub mod offsets;
pub mod status;
