//! Cross-crate test suites: vectors, brokers, workers.
//!
//! | module | gives a test |
//! | --- | --- |
//! | [`vectors`] | recorded behaviour of the reference, as data |
//! | [`kafka`] | a real Apache Kafka broker, one for each test process |
//! | [`rest`] | a client for the REST API of a worker |
//! | [`process`] | child processes that never outlive the test process |
//! | [`eventually`] | waiting for a state, with a deadline that reports the last state seen |

pub mod eventually;
pub mod kafka;
pub mod ports;
pub mod process;
pub mod rest;
pub mod vectors;
