//! Cross-crate test suites: brokers, workers, files of lines, vectors.
//!
//! | module | gives a test |
//! | --- | --- |
//! | [`broker`] | the embedded broker or a real one, and the embedded one as a process to kill |
//! | [`differential`] | random data, and what we and the reference make of it |
//! | [`eventually`] | waiting for a state, with a deadline that reports the last state seen |
//! | [`fuzz`] | texts that try to break what reads them |
//! | [`kafka`] | a real Apache Kafka broker, one for each test process |
//! | [`lines`] | files of numbered lines, and where two of them differ |
//! | [`ports`] | ports for processes that have to be told one |
//! | [`process`] | child processes that never outlive the test process |
//! | [`raw`] | a client that speaks Kafka's protocol word by word |
//! | [`rest`] | a client for the REST API of a worker |
//! | [`soak`] | everything that users do with a worker, again and again |
//! | [`topic`] | what a topic holds |
//! | [`usage`] | what a process has cost |
//! | [`vectors`] | recorded behaviour of the reference, as data |
//! | [`worker`] | worker processes |

pub mod broker;
pub mod differential;
pub mod eventually;
pub mod fuzz;
pub mod kafka;
pub mod lines;
pub mod misbehaving;
pub mod page;
pub mod ports;
pub mod process;
pub mod raw;
pub mod rest;
pub mod skip;
pub mod soak;
pub mod topic;
pub mod usage;
pub mod vectors;
pub mod worker;

/// The examples of the project's README, which have to compile.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
