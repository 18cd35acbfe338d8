use connect_core::prelude::*;

struct Task;

#[source_task]
impl SinkTask for Task {}

fn main() {}
