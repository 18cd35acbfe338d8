//! The worker's own command line, built together with the tests that start it, with a plugin that
//! fails on purpose.

mod flaky_sink;

use std::process::ExitCode;

fn main() -> ExitCode {
    connect_worker::main()
}
