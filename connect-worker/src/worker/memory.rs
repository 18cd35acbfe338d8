//! Memory that tasks leave behind.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A thread that has nothing to do for so long gives memory back.
pub(super) const PAUSE: Duration = Duration::from_millis(250);

/// Whether something large is gone since memory was given back last.
static IS_DUE: AtomicBool = AtomicBool::new(false);

/// Says that something large is gone.
pub(super) fn note_end() {
    IS_DUE.store(true, Ordering::Relaxed);
}

/// Whether there may be something to give back.
pub(super) fn is_due() -> bool {
    IS_DUE.load(Ordering::Relaxed)
}

/// Gives what the allocator keeps for later back to the system, if that is due. Takes milliseconds.
pub(super) fn give_back() {
    if IS_DUE.swap(false, Ordering::Relaxed) {
        connect_kafka::give_back_memory();
    }
}
