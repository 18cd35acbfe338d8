//! Lives of a process that may end between any two steps, for tests of the commit paths.
//!
//! Whatever a pipeline does to the outside world, or the outside world to it, is a step. After the
//! last one nothing has an effect any more, and nothing answers: the process is dead, and what is
//! left is what was made durable before.

pub(super) mod lossy;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

/// One life.
#[derive(Debug)]
pub(super) struct Life {
    steps: AtomicU64,
    last: u64,
    died: CancellationToken,
    chance: Mutex<Chance>,
}

impl Life {
    /// A life of at most so many steps, which chance decides about.
    pub(super) fn new(last: u64, chance: Chance) -> Arc<Self> {
        Arc::new(Self {
            steps: AtomicU64::new(0),
            last,
            died: CancellationToken::new(),
            chance: Mutex::new(chance),
        })
    }

    /// Another step; `false` when it does not happen any more.
    pub(super) fn step(&self) -> bool {
        let is_alive = self.steps.fetch_add(1, Ordering::Relaxed) < self.last;
        if !is_alive {
            self.died.cancel();
        }
        is_alive
    }

    /// Another step, from which the dead do not return.
    pub(super) async fn stepped(&self) {
        if !self.step() {
            std::future::pending::<()>().await;
        }
        // Everything else gets its turn between two steps.
        tokio::task::yield_now().await;
    }

    pub(super) fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    pub(super) async fn died(&self) {
        self.died.cancelled().await;
    }

    /// A number below a limit.
    pub(super) fn below(&self, limit: u64) -> u64 {
        let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
        chance.below(limit)
    }

    /// `true` once in so many times.
    pub(super) fn once_in(&self, times: u64) -> bool {
        self.below(times) == 0
    }
}

/// A small generator, so that a failure can be repeated by its seed.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        // Neighbouring seeds shall have nothing in common.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    /// A generator that goes another way from here.
    pub(super) fn fork(&mut self) -> Self {
        Self::new(self.below(1 << 30) << 20 | self.below(1 << 20))
    }
}
