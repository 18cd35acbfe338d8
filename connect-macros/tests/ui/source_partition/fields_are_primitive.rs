use connect_core::prelude::*;

#[derive(Clone, PartialEq, Eq, Hash, SourcePartition)]
struct Partition {
    tables: Vec<String>,
}

fn main() {}
