use connect_core::prelude::*;

/// A source.
#[source_connector]
fn source() {}

fn main() {}
