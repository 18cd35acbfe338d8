//! Tests that need what a machine may not have.
//!
//! They are skipped with a line that says so. Under `CI=true` or `CONNECT_REQUIRE_KAFKA=1` they fail instead.
#![expect(
    clippy::missing_panics_doc,
    reason = "a harness reports by failing the test"
)]

use std::fmt::Display;
use std::io::Write as _;

/// Says that this test is skipped for what is missing, or fails it.
pub fn skip(missing: &impl Display) {
    assert!(
        !is_required(),
        "everything is required here, but there is {missing}"
    );
    let test = std::thread::current();
    let test = test.name().unwrap_or("a test");
    // Straight to the stream: the test runner shows printed lines of failed tests only.
    let _ = writeln!(std::io::stderr(), "SKIPPED {test} ({missing})");
}

fn is_required() -> bool {
    let is_set = |name: &str, value: &str| std::env::var_os(name).is_some_and(|set| set == value);
    is_set("CI", "true") || is_set("CONNECT_REQUIRE_KAFKA", "1")
}
