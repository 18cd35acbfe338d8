//! The allocator under clients.

/// What is freed stays with the process up to this many bytes, in each arena: larger than what a fetch answers.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const KEPT: libc::c_int = 8 << 20;

/// Suits the system's allocator to clients, which have several threads and read into buffers of megabytes.
///
/// Threads share arenas, as many as there are processors. Without it each may get one of its own, up to eight for each
/// processor; what one of them has freed lies there while the others ask the system for more, and a worker whose
/// clients come and go takes twice the memory that it uses. And a buffer that is freed is used again: otherwise every
/// answer to a fetch is read into pages that the system has to clear first.
///
/// What the environment sets (`MALLOC_ARENA_MAX`, `MALLOC_MMAP_THRESHOLD_`, `MALLOC_TRIM_THRESHOLD_`) stays. Does
/// nothing with an allocator that is not that of the GNU C library. To be called before threads are started.
pub fn tune_allocator() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let arenas = i32::try_from(processors).unwrap_or(i32::MAX);
        for (variable, parameter, value) in [
            ("MALLOC_ARENA_MAX", libc::M_ARENA_MAX, arenas),
            ("MALLOC_MMAP_THRESHOLD_", libc::M_MMAP_THRESHOLD, KEPT),
            ("MALLOC_TRIM_THRESHOLD_", libc::M_TRIM_THRESHOLD, KEPT),
        ] {
            if std::env::var_os(variable).is_none() {
                // SAFETY: has no preconditions; a value that is refused changes nothing.
                unsafe { libc::mallopt(parameter, value) };
            }
        }
    }
}

/// Gives memory that was freed, and is kept for whoever asks next, back to the system. Takes a few milliseconds, for
/// which others may wait. Does nothing with an allocator that is not that of the GNU C library.
pub fn give_back_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: has no preconditions.
    unsafe {
        libc::malloc_trim(0);
    }
}
