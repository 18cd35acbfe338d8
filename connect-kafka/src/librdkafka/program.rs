//! The program itself in memory.

/// Lets the system take back the pages of the program's own code and constants. They are read again from its file, or
/// from what the system keeps of that, when they are needed: what was only for the start is not.
///
/// Does nothing but on Linux.
pub fn give_back_code() {
    #[cfg(target_os = "linux")]
    // SAFETY: the callback takes what the function gives it, and no data.
    unsafe {
        libc::dl_iterate_phdr(Some(linux::give_back), std::ptr::null_mut());
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::{c_int, c_void};

    /// Ends the iteration: the program comes first, its libraries follow.
    const ENOUGH: c_int = 1;

    /// Gives back the segments of the program that nobody can have written to.
    pub(super) unsafe extern "C" fn give_back(
        program: *mut libc::dl_phdr_info,
        _size: usize,
        _data: *mut c_void,
    ) -> c_int {
        // SAFETY: the pointer is valid while the callback runs.
        let program = unsafe { &*program };
        // SAFETY: it asks for nothing.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        let Ok(page) = usize::try_from(page) else {
            return ENOUGH;
        };
        for number in 0..usize::from(program.dlpi_phnum) {
            // SAFETY: there are so many headers.
            let segment = unsafe { &*program.dlpi_phdr.add(number) };
            if segment.p_type != libc::PT_LOAD || segment.p_flags & libc::PF_W != 0 {
                continue;
            }
            let (Ok(base), Ok(start), Ok(len)) = (
                usize::try_from(program.dlpi_addr),
                usize::try_from(segment.p_vaddr),
                usize::try_from(segment.p_memsz),
            ) else {
                continue;
            };
            // Only whole pages of the segment: others may share theirs with what can be written.
            let first = (base + start).next_multiple_of(page);
            let end = (base + start + len) / page * page;
            if first < end {
                let address = std::ptr::with_exposed_provenance_mut(first);
                // SAFETY: the range is of a segment that is only read, whose pages are as they are in the file.
                let _given_back =
                    unsafe { libc::madvise(address, end - first, libc::MADV_DONTNEED) };
            }
        }
        ENOUGH
    }

    #[cfg(test)]
    mod tests {
        #[test]
        fn what_is_given_back_is_there_again_when_it_is_used() {
            let resident = || {
                let status = std::fs::read_to_string("/proc/self/status").unwrap();
                let line = status.lines().find(|it| it.starts_with("RssFile:"));
                let kilobytes =
                    line.and_then(|it| it.split_whitespace().nth(1)?.parse::<u64>().ok());
                kilobytes.unwrap()
            };
            // Touches a good part of the program first.
            let text = format!("{:?} {}", regex::Regex::new("a+|b").unwrap(), resident());
            let before = resident();

            super::super::give_back_code();

            let after = resident();
            assert!(after < before, "{before} kB and then {after} kB");
            let pattern = regex::Regex::new("^a.*[0-9]$").unwrap();
            assert!(!pattern.is_match(&text));
        }
    }
}
