//! The allocator under many threads.

/// Lets the threads of this process share arenas of the system's allocator: as many as there are processors.
///
/// Without it each thread may get an arena of its own, up to eight for each processor. Every client has several
/// threads, so what one of them has freed lies there while the others ask the system for more: a worker whose
/// clients come and go takes twice the memory that it uses. Does nothing if `MALLOC_ARENA_MAX` is set, or with an
/// allocator that is not that of the GNU C library. To be called before threads are started.
pub fn share_arenas() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    if std::env::var_os("MALLOC_ARENA_MAX").is_none() {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let arenas = i32::try_from(processors).unwrap_or(i32::MAX);
        // SAFETY: has no preconditions; a value that is refused changes nothing.
        unsafe { libc::mallopt(libc::M_ARENA_MAX, arenas) };
    }
}
