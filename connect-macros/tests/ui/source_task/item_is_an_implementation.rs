use connect_core::prelude::*;

#[source_task]
struct Task;

fn main() {}
