//! The `connect-worker` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    connect_worker::main()
}
