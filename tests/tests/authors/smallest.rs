//! The smallest connectors stay small.

const SOURCE: &str = include_str!("../../../examples/smallest/src/source.rs");
const SINK: &str = include_str!("../../../examples/smallest/src/sink.rs");

/// Lines that are code: neither blank nor documentation.
fn code_lines(text: &str) -> usize {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|it| !it.is_empty() && !it.starts_with("//"))
        .count()
}

#[test]
fn the_smallest_source_has_25_lines() {
    assert!(code_lines(SOURCE) <= 25, "{} lines", code_lines(SOURCE));
}

#[test]
fn the_smallest_sink_has_16_lines() {
    assert!(code_lines(SINK) <= 16, "{} lines", code_lines(SINK));
}
