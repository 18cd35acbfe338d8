use connect_core::prelude::*;

/// A source.
#[source_connector(split_by = tables)]
struct Source;

fn main() {}
