//! Cross-crate test suites: vectors, brokers, workers.

pub mod vectors;
