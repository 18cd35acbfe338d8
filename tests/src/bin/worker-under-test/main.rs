//! The worker's own command line, built together with the tests that start it, with plugins that
//! fail, change their mind or give orders on purpose.

mod commanding_sink;
mod expiring_file;
mod flaky_sink;
mod idle_source;
mod labelling;
mod misbehaving;
mod talking_source;

use std::process::ExitCode;

fn main() -> ExitCode {
    connect_worker::main()
}
