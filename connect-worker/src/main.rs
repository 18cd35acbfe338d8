//! The `connect-worker` binary.

fn main() {}
