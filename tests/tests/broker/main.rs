//! What clients see of a broker: every check runs unchanged on the embedded broker and on Apache Kafka.
//!
//! Checks speak the protocol word by word, use our own clients, or run the command line tools of the
//! reference. A check that only one of the two could pass has no place here: differences are listed by name in
//! `docs/embedded-broker.md`. Some modules have one broker alone:
//! `damage` and `survival` the embedded one, `security` Apache Kafka.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "bodies of tests, which lie outside of the functions that the test runner calls"
)]

mod bench;
mod clients;
mod cluster;
mod configs;
mod damage;
mod fetching;
mod files;
mod groups;
mod members;
mod membership;
mod offsets;
mod producing;
mod requests;
mod security;
mod survival;
mod tools;
mod topics;
mod transactions;
