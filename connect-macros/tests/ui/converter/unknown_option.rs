use connect_core::prelude::*;

/// A converter.
#[converter(split_by = tables)]
struct Bytes;

fn main() {}
