use connect_core::prelude::*;

struct Task;

#[source_task(fast)]
impl SourceTask for Task {}

fn main() {}
