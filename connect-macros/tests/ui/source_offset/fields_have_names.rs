use connect_core::prelude::*;

#[derive(Clone, SourceOffset)]
struct Offset(i64);

fn main() {}
