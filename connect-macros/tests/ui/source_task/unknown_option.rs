use connect_core::prelude::*;

struct Task;

#[source_task(blokcing)]
impl SourceTask for Task {}

fn main() {}
