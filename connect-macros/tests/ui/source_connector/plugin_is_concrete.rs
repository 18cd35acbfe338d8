use connect_core::prelude::*;

/// A source.
#[source_connector]
struct Source<T>(T);

fn main() {}
