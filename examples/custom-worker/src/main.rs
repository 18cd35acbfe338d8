//! A worker with connectors of another crate.

fn main() {}
