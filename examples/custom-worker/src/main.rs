//! A worker with one connector more: naming its crate is all that it takes.

use greeting_connector as _;

fn main() -> std::process::ExitCode {
    connect_worker::main()
}
