//! Where lines go: a file that grows at its end, or standard output.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

use connect_core::{ConnectError, Result};

/// Something that lines are appended to.
#[derive(Debug)]
pub(super) enum Output {
    File { path: PathBuf, file: File },
    Stdout,
}

/// How far a write came.
#[derive(Debug)]
pub(super) struct Written {
    /// Bytes that were taken before it ended or failed.
    pub(super) bytes: usize,
    pub(super) outcome: Result<()>,
}

impl Output {
    /// Opens a file and keeps what it holds; makes it if there is none.
    pub(super) fn append_to(path: PathBuf) -> Result<Self> {
        match OpenOptions::new().append(true).create(true).open(&path) {
            Ok(file) => Ok(Self::File { path, file }),
            Err(err) => {
                let path = path.display();
                Err(ConnectError::config(format_args!(
                    "Couldn't find or create file '{path}' for FileStreamSinkTask"
                ))
                .caused_by(err))
            }
        }
    }

    /// Writes all bytes, or as many as it can.
    pub(super) fn write(&self, bytes: &[u8]) -> Written {
        let (taken, outcome) = match self {
            Self::File { file, .. } => write_all(file, bytes),
            Self::Stdout => write_all(io::stdout().lock(), bytes),
        };
        Written {
            bytes: taken,
            outcome: outcome.map_err(|err| self.refusal(err)),
        }
    }

    /// A full disk may have room again; anything else stays as it is.
    fn refusal(&self, err: io::Error) -> ConnectError {
        let name = match self {
            Self::File { path, .. } => format!("`{}`, which `file` names", path.display()),
            Self::Stdout => "to standard output".to_owned(),
        };
        let context = format!("cannot write {name}");
        match err.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => ConnectError::retriable(context),
            _ => ConnectError::fatal(context),
        }
        .caused_by(err)
    }
}

/// Like the method of that name, but tells how many bytes were taken before a failure.
fn write_all(mut out: impl Write, bytes: &[u8]) -> (usize, io::Result<()>) {
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
