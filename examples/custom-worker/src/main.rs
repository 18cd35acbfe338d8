//! A worker with more connectors: naming their crates is all that it takes.

use greeting_connector as _;
use smallest_connectors as _;

fn main() -> std::process::ExitCode {
    connect_worker::main()
}
