use connect_core::prelude::*;

#[derive(Clone, PartialEq, Eq, Hash, SourcePartition)]
struct Partition {
    #[offset(kye = "table")]
    table: String,
}

fn main() {}
