//! Cross-crate test suites: vectors, brokers, workers.
