//! Where lines go: a file that grows at its end, or standard output.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use connect_core::{ConnectError, Result};

/// Something that lines are appended to.
pub(super) struct Output {
    /// What it is, as messages call it.
    name: String,
    /// `None` is standard output.
    out: Option<Mutex<Box<dyn Write + Send>>>,
    is_at_hand: bool,
}

/// How far a write came.
#[derive(Debug)]
pub(super) struct Written {
    /// Bytes that were taken before it ended or failed.
    pub(super) bytes: usize,
    pub(super) outcome: Result<()>,
}

impl Output {
    pub(super) fn new(name: String, out: impl Write + Send + 'static, is_at_hand: bool) -> Self {
        Self {
            name,
            out: Some(Mutex::new(Box::new(out))),
            is_at_hand,
        }
    }

    /// Opens a file and keeps what it holds; makes it if there is none.
    pub(super) fn append_to(path: &Path) -> Result<Self> {
        let opened = OpenOptions::new().append(true).create(true).open(path);
        let path = path.display();
        match opened.and_then(|file| Ok((file.metadata()?.is_file(), file))) {
            Ok((is_file, file)) => {
                let name = format!("`{path}`, which `file` names");
                Ok(Self::new(name, file, is_file))
            }
            Err(err) => Err(ConnectError::config(format_args!(
                "Couldn't find or create file '{path}' for FileStreamSinkTask"
            ))
            .caused_by(err)),
        }
    }

    pub(super) fn stdout() -> Self {
        Self {
            name: "to standard output".to_owned(),
            out: None,
            is_at_hand: false,
        }
    }

    /// Whether nothing but the system's memory and disks takes what is written. Else it may wait for
    /// a reader for ever.
    pub(super) const fn is_at_hand(&self) -> bool {
        self.is_at_hand
    }

    /// Writes all bytes, or as many as it can.
    pub(super) fn write(&self, bytes: &[u8]) -> Written {
        let (taken, outcome) = match &self.out {
            Some(out) => {
                let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
                write_all(&mut **out, bytes)
            }
            // All at once, because others write there as well.
            None => write_all(&mut io::stdout().lock(), bytes),
        };
        Written {
            bytes: taken,
            outcome: outcome.map_err(|err| self.refusal(err)),
        }
    }

    /// A full disk may have room again; anything else stays as it is.
    fn refusal(&self, err: io::Error) -> ConnectError {
        let context = format!("cannot write {}", self.name);
        match err.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => ConnectError::retriable(context),
            _ => ConnectError::fatal(context),
        }
        .caused_by(err)
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output")
            .field("name", &self.name)
            .field("is_at_hand", &self.is_at_hand)
            .finish_non_exhaustive()
    }
}

/// Like the method of that name, but tells how many bytes were taken before a failure.
fn write_all(out: &mut dyn Write, bytes: &[u8]) -> (usize, io::Result<()>) {
    let mut taken = 0;
    while taken < bytes.len() {
        match out.write(&bytes[taken..]) {
            Ok(0) => return (taken, Err(ErrorKind::WriteZero.into())),
            Ok(more) => taken += more,
            Err(err) if err.kind() == ErrorKind::Interrupted => {}
            Err(err) => return (taken, Err(err)),
        }
    }
    (taken, out.flush())
}
