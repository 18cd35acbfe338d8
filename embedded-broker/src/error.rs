//! Why a broker does not start.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Why a broker did not start; each message names the address, folder or file it is about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrokerError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The wanted address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The address can be reached from other machines and nobody allowed that.
    #[error(
        "{0} is not a loopback address: the embedded broker has neither authentication nor \
         encryption, so it listens on other addresses only when that is allowed explicitly"
    )]
    NotLoopback(SocketAddr),
    /// Another broker works with the folder.
    #[error("another broker uses the data folder {}", .0.display())]
    InUse(PathBuf),
    /// The folder holds something that this version cannot read.
    #[error("{}: {reason}", file.display())]
    Format {
        /// The file that says so.
        file: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// A file is damaged where no crash can have damaged it. Nothing was changed.
    #[error("{}: damaged at byte {position}: {reason}", file.display())]
    Damaged {
        /// The damaged file.
        file: PathBuf,
        /// Where the first damaged entry begins.
        position: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A file or folder cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The thread that a broker lives in cannot be started.
    #[error("cannot start the broker's thread: {0}")]
    Thread(#[source] io::Error),
}

/// Adds the path to an I/O error.
pub(crate) fn at<'a>(path: &'a Path) -> impl FnOnce(io::Error) -> BrokerError + 'a {
    move |source| BrokerError::Io {
        path: path.to_owned(),
        source,
    }
}
