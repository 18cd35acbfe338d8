//! Memory that tasks leave behind.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Shortest time between two times.
const PAUSE: Duration = Duration::from_secs(1);

static LAST: Mutex<Option<Instant>> = Mutex::new(None);

/// Gives what the allocator keeps for later back to the system, unless that was done just now. To be
/// called when something large is gone, and when there is nothing to do.
pub(super) fn give_back() {
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.is_some_and(|it| it.elapsed() < PAUSE) {
        return;
    }
    *last = Some(Instant::now());
    drop(last);
    connect_kafka::give_back_memory();
}
