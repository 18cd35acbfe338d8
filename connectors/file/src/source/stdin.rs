//! Standard input, which belongs to the whole process.

use std::io::{self, ErrorKind, Read};
use std::sync::LazyLock;
use std::time::Duration;

use connect_core::{ConnectError, Result};
use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;

/// Room for one read.
const READ_SIZE: usize = 64 << 10;
/// Reads that wait to be taken.
const WAITING_READS: usize = 16;
/// Longest wait for input.
const WAIT: Duration = Duration::from_secs(1);

/// Reads input for whoever asks.
///
/// A thread of its own reads, because a read that waits for a user cannot be interrupted. There is
/// one for the whole process, so that a task that starts again goes on where the last one stopped.
static STDIN: LazyLock<Feed> = LazyLock::new(|| Feed::new(io::stdin()));

/// Appends what standard input has to a buffer and tells how much it was; waits about a second.
pub(super) async fn read(buffer: &mut Vec<u8>) -> Result<usize> {
    STDIN.read(buffer).await
}

#[derive(Debug)]
struct Feed(Mutex<mpsc::Receiver<io::Result<Vec<u8>>>>);

impl Feed {
    fn new(mut input: impl Read + Send + 'static) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_READS);
        std::thread::spawn(move || {
            while let Some(read) = read_once(&mut input).transpose() {
                let is_last = read.is_err();
                if sender.blocking_send(read).is_err() || is_last {
                    break;
                }
            }
        });
        Self(Mutex::new(receiver))
    }

    async fn read(&self, buffer: &mut Vec<u8>) -> Result<usize> {
        let mut receiver = self.0.lock().await;
        match timeout(WAIT, receiver.recv()).await {
            Ok(Some(Ok(read))) => {
                buffer.extend_from_slice(&read);
                Ok(read.len())
            }
            Ok(Some(Err(err))) => {
                Err(ConnectError::fatal("cannot read standard input").caused_by(err))
            }
            Ok(None) => {
                // The input has ended; the task stays, as it does for a file.
                tokio::time::sleep(WAIT).await;
                Ok(0)
            }
            Err(_) => Ok(0),
        }
    }
}

/// What one read gave; `None` at the end.
fn read_once(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut buffer = vec![0; READ_SIZE];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(None),
            Ok(read) => {
                buffer.truncate(read);
                return Ok(Some(buffer));
            }
            Err(err) if err.kind() == ErrorKind::Interrupted => {}
            Err(err) => return Err(err),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    async fn read_text(feed: &Feed) -> String {
        let mut buffer = Vec::new();
        feed.read(&mut buffer).await.unwrap();
        String::from_utf8(buffer).unwrap()
    }

    #[tokio::test]
    async fn input_is_read_as_it_comes() {
        let (reader, mut writer) = io::pipe().unwrap();
        let feed = Feed::new(reader);

        writer.write_all(b"first").unwrap();
        assert_eq!(read_text(&feed).await, "first");
        writer.write_all(b"second").unwrap();
        assert_eq!(read_text(&feed).await, "second");
    }

    #[tokio::test]
    async fn input_that_nobody_waits_for_any_more_is_kept() {
        let (reader, mut writer) = io::pipe().unwrap();
        let feed = Feed::new(reader);

        assert!(timeout(Duration::ZERO, read_text(&feed)).await.is_err());
        writer.write_all(b"late").unwrap();

        assert_eq!(read_text(&feed).await, "late");
    }

    #[tokio::test]
    async fn ended_input_gives_nothing_more() {
        let feed = Feed::new(io::Cursor::new("last"));

        assert_eq!(read_text(&feed).await, "last");
        tokio::time::pause();
        assert_eq!(read_text(&feed).await, "");
        assert_eq!(read_text(&feed).await, "");
    }

    #[tokio::test]
    async fn input_that_cannot_be_read_is_an_error() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("unplugged"))
            }
        }
        let feed = Feed::new(Broken);

        let error = feed.read(&mut Vec::new()).await.unwrap_err();

        assert_eq!(
            error.trace(),
            "cannot read standard input\nCaused by: unplugged"
        );
    }
}
