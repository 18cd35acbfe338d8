//! The worker's own command line, built together with the tests that start it.

use std::process::ExitCode;

fn main() -> ExitCode {
    connect_worker::main()
}
