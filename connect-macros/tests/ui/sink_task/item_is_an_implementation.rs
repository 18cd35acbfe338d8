use connect_core::prelude::*;

#[sink_task]
fn task() {}

fn main() {}
