use connect_core::prelude::*;

/// A source.
#[source_connector(task = Task, tasks = single)]
struct Source;

struct Task;

fn main() {}
