//! Brokers as their owners and their clients see them.
#![expect(
    clippy::unwrap_used,
    reason = "a test client reports by failing its test"
)]

mod client;
mod groups;
mod records;
mod start;
mod transactions;
