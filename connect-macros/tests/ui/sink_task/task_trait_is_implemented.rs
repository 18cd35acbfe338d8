use connect_core::prelude::*;

struct Task;

#[sink_task]
impl Task {}

fn main() {}
