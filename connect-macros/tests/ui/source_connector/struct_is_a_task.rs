use connect_core::prelude::*;

/// A source.
#[source_connector]
struct Source;

fn main() {}
