//! Choices that depend on a seed alone.

use rand::RngExt as _;
use rand::rngs::StdRng;

/// A source of choices.
#[derive(Debug)]
pub struct Chance(StdRng);

impl Chance {
    /// Choices of this generator.
    #[must_use]
    pub fn new(rng: StdRng) -> Self {
        Self(rng)
    }

    /// Whether something happens that does so in so many of a hundred cases.
    pub fn percent(&mut self, percent: u32) -> bool {
        self.0.random_range(0..100) < percent
    }

    /// A number below `end`.
    ///
    /// # Panics
    /// When there is none.
    pub fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }

    /// A number of a range.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high)
    }

    /// Any bits.
    pub fn bits(&mut self) -> u64 {
        self.0.random()
    }

    /// One of these.
    ///
    /// # Panics
    /// When there are none.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// Some of these between commas, at least one.
    pub fn list(&mut self, choices: &[&str]) -> String {
        let count = 1 + self.below(3);
        let chosen: Vec<&str> = (0..count).map(|_| self.pick(choices)).collect();
        chosen.join(",")
    }
}
