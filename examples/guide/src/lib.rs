//! The pages of `docs/guide`, so that their snippets are compiled and run as tests.
//!
//! A page uses what an author has: `connect_core`, in tests with its feature `testing`.

#[doc = include_str!("../../../docs/guide/first-source.md")]
pub mod first_source {}

#[doc = include_str!("../../../docs/guide/first-sink.md")]
pub mod first_sink {}

#[doc = include_str!("../../../docs/guide/first-transform.md")]
pub mod first_transform {}

#[doc = include_str!("../../../docs/guide/offsets.md")]
pub mod offsets {}

#[doc = include_str!("../../../docs/guide/testing.md")]
pub mod testing {}

#[cfg(test)]
mod tests {
    /// The page has a program that cannot be a part of this crate: it has one of its own.
    #[test]
    fn the_custom_worker_is_the_example() {
        let page = include_str!("../../../docs/guide/custom-worker.md");
        let example = include_str!("../../custom-worker/src/main.rs");

        assert!(
            page.contains(&format!("```rust,ignore\n{example}```")),
            "{example}"
        );
    }
}
