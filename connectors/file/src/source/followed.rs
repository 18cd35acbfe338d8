//! A file that is read while others append to it.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::time::Duration;

use connect_core::{ConnectError, Result};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::sleep;
use tracing::warn;

use super::lines::{READ_SIZE, SMALL_READ_SIZE};
use crate::blocking::finished;

/// Wait after the first read that finds nothing new; each further wait is twice as long.
const SHORTEST_WAIT: Duration = Duration::from_millis(5);

/// Longest such wait: appended bytes are noticed no later than that.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// A file, opened once it exists and then kept open, whatever happens to its name.
#[derive(Debug)]
pub(super) struct FollowedFile {
    /// Where the file is read; away while a read runs.
    cursor: Option<Cursor>,
    /// A read that goes on even if whoever waited for it gave up.
    running: Option<JoinHandle<Read>>,
    wait: Duration,
}

/// A finished read with everything that was lent to it.
#[derive(Debug)]
struct Read {
    cursor: Cursor,
    buffer: Vec<u8>,
    outcome: Result<usize>,
}

impl FollowedFile {
    /// A file that is read from a position in bytes, even if it ends before.
    pub(super) fn new(path: PathBuf, position: u64) -> Self {
        let cursor = Cursor {
            path,
            position,
            file: None,
            is_missed: false,
        };
        Self {
            cursor: Some(cursor),
            running: None,
            wait: SHORTEST_WAIT,
        }
    }

    /// Appends what can be read now to a buffer and tells how much it was; if that is nothing, it
    /// waits a little before.
    ///
    /// Nothing is lost when this is dropped while it waits: what was read, and what the buffer held
    /// before, is in the buffer after the next call.
    pub(super) async fn read(&mut self, buffer: &mut Vec<u8>) -> Result<usize> {
        let read = self.read_now(buffer).await?;
        if read == 0 {
            sleep(self.wait).await;
            self.wait = LONGEST_WAIT.min(self.wait * 2);
        } else {
            self.wait = SHORTEST_WAIT;
        }
        Ok(read)
    }

    async fn read_now(&mut self, buffer: &mut Vec<u8>) -> Result<usize> {
        if let Some(cursor) = &mut self.cursor
            && let Some(length) = cursor.length_at_hand()
        {
            return cursor.read_up_to(length, buffer);
        }
        let running = self.running.get_or_insert_with(|| {
            let mut cursor = self.cursor.take().expect("no read runs");
            let mut buffer = std::mem::take(buffer);
            spawn_blocking(move || {
                let outcome = cursor.read(&mut buffer);
                Read {
                    cursor,
                    buffer,
                    outcome,
                }
            })
        });
        let joined = running.await;
        self.running = None;
        let read = finished(joined)?;
        self.cursor = Some(read.cursor);
        *buffer = read.buffer;
        read.outcome
    }
}

/// A path, and the file behind it once it was found.
#[derive(Debug)]
struct Cursor {
    path: PathBuf,
    position: u64,
    file: Option<File>,
    /// Whether it was said that the file does not exist.
    is_missed: bool,
}

impl Cursor {
    /// The length of the file, if it is open and a read waits for nothing but the system's memory and disks. What is no
    /// file may have nothing to read for ever; so may what the system shows as an empty one.
    fn length_at_hand(&self) -> Option<u64> {
        let metadata = self.file.as_ref()?.metadata().ok()?;
        (metadata.is_file() && metadata.len() > 0).then_some(metadata.len())
    }

    fn read(&mut self, buffer: &mut Vec<u8>) -> Result<usize> {
        if self.file.is_none() {
            self.file = self.open()?;
        }
        let Some(file) = &self.file else {
            return Ok(0);
        };
        let length = file.metadata().map_err(|err| self.unreadable(err))?.len();
        self.read_up_to(length, buffer)
    }

    /// Reads the open file, which had this length a moment ago.
    fn read_up_to(&mut self, length: u64, buffer: &mut Vec<u8>) -> Result<usize> {
        let Some(file) = &self.file else {
            return Ok(0);
        };
        let left = length.saturating_sub(self.position);
        let read = append(file, left, buffer).map_err(|err| self.unreadable(err))?;
        self.position += read as u64;
        Ok(read)
    }

    fn unreadable(&self, err: io::Error) -> ConnectError {
        ConnectError::retriable(format_args!("cannot read {}", self.name())).caused_by(err)
    }

    /// Opens the file; `None` when it does not exist.
    fn open(&mut self) -> Result<Option<File>> {
        match self.open_at_position() {
            Ok(file) => Ok(Some(file)),
            Err(err) if err.kind() == ErrorKind::NotFound => {
                if !self.is_missed {
                    warn!(file = %self.path.display(), "waiting for the file to be created");
                    self.is_missed = true;
                }
                Ok(None)
            }
            Err(err) => {
                let context = format!("cannot open {}", self.name());
                Err(ConnectError::config(context).caused_by(err))
            }
        }
    }

    fn open_at_position(&self) -> io::Result<File> {
        let mut file = File::open(&self.path)?;
        if file.metadata()?.is_dir() {
            return Err(ErrorKind::IsADirectory.into());
        }
        if self.position > 0 {
            file.seek(SeekFrom::Start(self.position))?;
        }
        Ok(file)
    }

    /// The file as messages call it.
    fn name(&self) -> String {
        format!("`{}`, which `file` names", self.path.display())
    }
}

/// Appends what can be read now, a part of a large file, with little more room than it needs.
fn append(file: &File, left: u64, buffer: &mut Vec<u8>) -> io::Result<usize> {
    match usize::try_from(left).unwrap_or(READ_SIZE).min(READ_SIZE) {
        0 => append_once(file, buffer),
        left => append_all(file, left, buffer),
    }
}

/// Reads so many bytes, without writing zeros into their place before.
fn append_all(file: &File, left: usize, buffer: &mut Vec<u8>) -> io::Result<usize> {
    let start = buffer.len();
    buffer.reserve(left);
    let outcome = file.take(left as u64).read_to_end(buffer);
    match buffer.len() - start {
        0 => outcome,
        // What stood in the way of the rest will be there next time.
        read => Ok(read),
    }
}

/// Reads with one call, which waits for nothing that is not there.
fn append_once(mut file: &File, buffer: &mut Vec<u8>) -> io::Result<usize> {
    let start = buffer.len();
    buffer.resize(start + SMALL_READ_SIZE, 0);
    let outcome = loop {
        match file.read(&mut buffer[start..]) {
            Err(err) if err.kind() == ErrorKind::Interrupted => {}
            outcome => break outcome,
        }
    };
    buffer.truncate(start + outcome.as_ref().map_or(0, |it| *it));
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_at_hand(path: impl Into<PathBuf>) -> bool {
        let mut cursor = FollowedFile::new(path.into(), 0).cursor.unwrap();
        cursor.read(&mut Vec::new()).unwrap();
        cursor.length_at_hand().is_some()
    }

    #[test]
    fn what_may_have_nothing_to_read_for_ever_is_read_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.txt");
        assert!(!is_at_hand(&path), "it is not there");

        std::fs::write(&path, "").unwrap();
        assert!(!is_at_hand(&path), "it is empty");

        std::fs::write(&path, "text").unwrap();
        assert!(is_at_hand(&path));
        if cfg!(target_os = "linux") {
            assert!(
                !is_at_hand("/proc/version"),
                "the system makes it when it is read"
            );
        }
    }
}
