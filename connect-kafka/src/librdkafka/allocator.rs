//! The allocator under clients.

/// The engine makes one record after the other on a thread of its own, and others free them. The allocator of the GNU C
/// library has both sides take the same lock, which is a third of what it costs a sink to fetch a record.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is freed and not used again may go back to the system after so many milliseconds: when a thread frees more. Fewer
/// cost time, because much of it would have been used for the next fetch; a second costs a quarter more memory.
#[cfg(feature = "mimalloc")]
const KEPT_MILLIS: std::ffi::c_long = 250;

/// `mi_option_purge_delay`, for which the bindings have no name.
#[cfg(feature = "mimalloc")]
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

/// Suits the allocator to clients. What the environment sets (`MIMALLOC_PURGE_DELAY`) stays. Does nothing without the
/// feature `mimalloc`. To be called before threads are started.
pub fn tune_allocator() {
    #[cfg(feature = "mimalloc")]
    // SAFETY: the option exists, and no other thread reads it yet.
    unsafe {
        libmimalloc_sys::mi_option_set_default(PURGE_DELAY, KEPT_MILLIS);
    }
}

/// Gives memory back to the system that was freed and is kept for the calling thread, for threads that have ended and for
/// nobody. Takes a few milliseconds. Does nothing without the feature `mimalloc`.
pub fn give_back_memory() {
    #[cfg(feature = "mimalloc")]
    // SAFETY: has no preconditions.
    unsafe {
        libmimalloc_sys::mi_collect(true);
    }
}

#[cfg(all(test, feature = "mimalloc"))]
mod tests {
    use super::*;

    /// A later mimalloc may have another option in this place.
    #[test]
    fn the_option_is_the_delay() {
        // SAFETY: reads a number that only this test changes.
        let delay = || unsafe { libmimalloc_sys::mi_option_get(PURGE_DELAY) };
        let by_default = delay();

        tune_allocator();

        assert_eq!((by_default, delay()), (1_000, KEPT_MILLIS));
    }
}
