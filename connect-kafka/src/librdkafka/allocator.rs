//! The allocator under clients.

#[cfg(feature = "mimalloc")]
use std::{
    alloc::{GlobalAlloc, Layout},
    ffi::c_void,
};

#[cfg(feature = "mimalloc")]
use libmimalloc_sys as mimalloc;

/// The engine makes one record after the other on a thread of its own, and others free them. The allocator of the GNU C
/// library has both sides take the same lock, which is a third of what it costs a sink to fetch a record.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: Mimalloc = Mimalloc;

/// What asks mimalloc for memory, aligned only where that takes more than it does anyway.
///
/// The crate `mimalloc` asks for it always. Where no memory of a size was had without, that makes mimalloc look for a
/// larger one each time, which takes a hundred instructions more.
#[cfg(feature = "mimalloc")]
struct Mimalloc;

/// Memory of any size is aligned by the largest power of two that it has room for, up to this one.
#[cfg(feature = "mimalloc")]
const ANYWAY: usize = 16;

#[cfg(feature = "mimalloc")]
impl Mimalloc {
    const fn is_aligned_anyway(size: usize, align: usize) -> bool {
        align <= ANYWAY && align <= size
    }

    /// # Safety
    /// The functions have no preconditions for the size and the alignment of a layout.
    #[inline(always)]
    unsafe fn take(
        layout: Layout,
        plain: unsafe extern "C" fn(usize) -> *mut c_void,
        aligned: unsafe extern "C" fn(usize, usize) -> *mut c_void,
    ) -> *mut u8 {
        let (size, align) = (layout.size(), layout.align());
        // SAFETY: as the caller vouches.
        let memory = unsafe {
            match Self::is_aligned_anyway(size, align) {
                true => plain(size),
                false => aligned(size, align),
            }
        };
        memory.cast()
    }
}

// SAFETY: the functions do what those of the trait have to do, for any layout, and take memory from each other.
#[cfg(feature = "mimalloc")]
unsafe impl GlobalAlloc for Mimalloc {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: neither has preconditions.
        unsafe { Self::take(layout, mimalloc::mi_malloc, mimalloc::mi_malloc_aligned) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: neither has preconditions.
        unsafe { Self::take(layout, mimalloc::mi_zalloc, mimalloc::mi_zalloc_aligned) }
    }

    #[inline]
    unsafe fn dealloc(&self, memory: *mut u8, _: Layout) {
        // SAFETY: the memory is from one of these functions, as the caller vouches.
        unsafe { mimalloc::mi_free(memory.cast()) };
    }

    #[inline]
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the memory is from one of these functions, as the caller vouches.
        let memory = unsafe {
            match Self::is_aligned_anyway(size, layout.align()) {
                true => mimalloc::mi_realloc(memory.cast(), size),
                false => mimalloc::mi_realloc_aligned(memory.cast(), size, layout.align()),
            }
        };
        memory.cast()
    }
}

/// What is freed and not used again may go back to the system after so many milliseconds: when a thread frees more. Fewer
/// cost time, because much of it would have been used for the next fetch; a second costs a quarter more memory.
#[cfg(feature = "mimalloc")]
const KEPT_MILLIS: std::ffi::c_long = 250;

/// `mi_option_purge_delay`, for which the bindings have no name.
#[cfg(feature = "mimalloc")]
const PURGE_DELAY: mimalloc::mi_option_t = 15;

/// Suits the allocator to clients. What the environment sets (`MIMALLOC_PURGE_DELAY`) stays. Does nothing without the
/// feature `mimalloc`. To be called before threads are started.
pub fn tune_allocator() {
    #[cfg(feature = "mimalloc")]
    // SAFETY: the option exists, and no other thread reads it yet.
    unsafe {
        mimalloc::mi_option_set_default(PURGE_DELAY, KEPT_MILLIS);
    }
}

/// Gives memory back to the system that was freed and is kept for the calling thread, for threads that have ended and for
/// nobody. Takes a few milliseconds. Does nothing without the feature `mimalloc`.
pub fn give_back_memory() {
    #[cfg(feature = "mimalloc")]
    // SAFETY: has no preconditions.
    unsafe {
        mimalloc::mi_collect(true);
    }
}

#[cfg(all(test, feature = "mimalloc"))]
mod tests {
    use super::*;

    #[test]
    fn memory_is_aligned() {
        for (size, align) in
            (1..2_000).flat_map(|size| [1, 2, 4, 8, 16, 32, 64].map(|it| (size, it)))
        {
            let layout = Layout::from_size_align(size, align).unwrap();
            // SAFETY: the layout is not empty, and all that is used was taken and is not given back yet.
            unsafe {
                let taken: Vec<_> = (0..4).map(|_| ALLOCATOR.alloc(layout)).collect();
                let zeroed = ALLOCATOR.alloc_zeroed(layout);
                assert!(
                    std::slice::from_raw_parts(zeroed, size)
                        .iter()
                        .all(|it| *it == 0)
                );
                zeroed.write(7);
                let grown = ALLOCATOR.realloc(zeroed, layout, size * 3);
                assert_eq!((grown.read(), grown.addr() % align), (7, 0));
                let larger = Layout::from_size_align(size * 3, align).unwrap();
                let shrunk = ALLOCATOR.realloc(grown, larger, size);
                for memory in taken.into_iter().chain([shrunk]) {
                    assert_eq!(memory.addr() % align, 0, "{size} bytes, aligned by {align}");
                    ALLOCATOR.dealloc(memory, layout);
                }
            }
        }
    }

    /// A later mimalloc may have another option in this place.
    #[test]
    fn the_option_is_the_delay() {
        // SAFETY: reads a number that only this test changes.
        let delay = || unsafe { mimalloc::mi_option_get(PURGE_DELAY) };
        let by_default = delay();

        tune_allocator();

        assert_eq!((by_default, delay()), (1_000, KEPT_MILLIS));
    }
}
