//! What a process has cost so far, as the kernel counts it.

use std::io;
use std::time::Duration;

use crate::eventually::eventually;

/// Unit of the times in `/proc`: fixed for user space on every architecture that we build for.
const TICK: Duration = Duration::from_millis(10);

const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// Processor time and memory of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// User and system time of all its threads.
    pub cpu: Duration,
    /// Memory that is resident now, in bytes.
    pub resident_bytes: u64,
    /// The most memory that was ever resident, in bytes.
    pub peak_resident_bytes: u64,
    /// Threads that it has now.
    pub threads: u64,
    /// Files, sockets and the like that it holds open now.
    pub open_files: u64,
}

impl Usage {
    /// Reads the counters of a running process.
    ///
    /// # Errors
    ///
    /// If the process has ended, or `/proc` does not look as expected.
    pub fn of(pid: u32) -> io::Result<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let open_files = std::fs::read_dir(format!("/proc/{pid}/fd"))?.count() as u64;
        Self::parse(&stat, &status, open_files).ok_or_else(|| {
            let text = format!("process {pid} has no readable counters");
            io::Error::new(io::ErrorKind::InvalidData, text)
        })
    }

    fn parse(stat: &str, status: &str, open_files: u64) -> Option<Self> {
        // The name of the program stands in parentheses and may contain anything.
        let (_, after_name) = stat.rsplit_once(") ")?;
        let mut times = after_name.split_ascii_whitespace().skip(11);
        let user: u32 = times.next()?.parse().ok()?;
        let system: u32 = times.next()?.parse().ok()?;
        let line = |name: &str| status.lines().find_map(|line| line.strip_prefix(name));
        let bytes = |name: &str| {
            let kibibytes: u64 = line(name)?.trim().strip_suffix(" kB")?.parse().ok()?;
            Some(kibibytes * 1024)
        };
        Some(Self {
            cpu: TICK * (user + system),
            resident_bytes: bytes("VmRSS:")?,
            peak_resident_bytes: bytes("VmHWM:")?,
            threads: line("Threads:")?.trim().parse().ok()?,
            open_files,
        })
    }
}

/// Waits until a process computes no more, and says what it has cost by then. A pulse is no work: clients tell their
/// broker from time to time that they are there.
///
/// # Panics
///
/// If the process ends, or works on after the limit.
pub async fn until_idle(pid: u32, limit: Duration) -> Usage {
    let usage = || Usage::of(pid).expect("the process runs");
    let mut before = usage();
    eventually(limit, "a process that waits", async || {
        tokio::time::sleep(BETWEEN_LOOKS).await;
        let now = usage();
        let spent = now.cpu - std::mem::replace(&mut before, now).cpu;
        match spent <= BETWEEN_LOOKS / 10 {
            true => Ok(now),
            false => Err(spent),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_found_behind_any_program_name() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 1 0 99 1 1";
        let status = "Name:\ta\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\nThreads:\t5\n";

        let usage = Usage::parse(stat, status, 9).unwrap();

        assert_eq!(usage.cpu, Duration::from_secs(3));
        assert_eq!(
            (usage.resident_bytes, usage.peak_resident_bytes),
            (1 << 20, 2 << 20)
        );
        assert_eq!((usage.threads, usage.open_files), (5, 9));
    }

    #[test]
    fn this_process_has_counters() {
        let usage = Usage::of(std::process::id()).unwrap();

        assert!(usage.resident_bytes > 0);
        assert!(usage.peak_resident_bytes >= usage.resident_bytes);
    }
}
