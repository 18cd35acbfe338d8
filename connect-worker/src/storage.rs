//! What a worker remembers: statuses, topics in use, and how far sources have come.

pub mod configs;
pub mod offsets;
pub mod status;
pub mod topic_log;
pub mod topics;
