//! The whole worker as a user meets it: processes, files, REST. Every body that needs a broker runs against both.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "bodies of tests, which lie outside of the functions that the test runner calls"
)]

mod bad_input;
mod clients;
mod cluster;
mod command_line;
mod controls;
mod converters;
mod dead_letters;
mod failures;
mod files;
mod java_workers;
mod kills;
mod logs;
mod memory;
mod metrics;
mod misbehaving;
mod moves;
mod openapi;
mod providers;
mod quick_start;
mod refusals;
mod rest;
mod same_bytes;
mod scene;
mod security;
mod seed_script;
mod soak;
mod stalls;
mod transforms;
