//! Memory that tasks leave behind.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A thread that has nothing to do for so long gives memory back.
pub(super) const PAUSE: Duration = Duration::from_millis(250);

/// How many large things have ended.
static ENDED: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// How many of them had ended when this thread gave memory back last. Each thread keeps what it has made for
    /// itself.
    static GIVEN_BACK: Cell<u64> = const { Cell::new(0) };
}

/// Says that something large is gone.
pub(super) fn note_end() {
    ENDED.fetch_add(1, Ordering::Relaxed);
}

/// Whether this thread may have something to give back.
pub(super) fn is_due() -> bool {
    GIVEN_BACK.get() != ENDED.load(Ordering::Relaxed)
}

/// Gives what the allocator keeps for this thread back to the system, if that is due. Takes milliseconds.
pub(super) fn give_back() {
    let ended = ENDED.load(Ordering::Relaxed);
    if GIVEN_BACK.replace(ended) != ended {
        connect_kafka::give_back_memory();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    #[test]
    fn what_one_thread_gives_back_leaves_others_due() {
        let steps = Barrier::new(2);
        thread::scope(|scope| {
            let other = scope.spawn(|| {
                give_back();
                steps.wait();
                steps.wait();
                is_due()
            });
            steps.wait();
            note_end();
            give_back();
            steps.wait();

            assert!(other.join().unwrap());
        });
    }
}
