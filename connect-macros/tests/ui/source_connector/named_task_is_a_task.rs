use connect_core::prelude::*;

/// A source.
#[source_connector(task = Task)]
struct Source;

struct Task;

fn main() {}
