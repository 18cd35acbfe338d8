//! Work that may wait for long, away from the thread of the task.
//!
//! Files are opened that way, and pipes are read and written. What only goes to and from the system's cache is done on
//! the spot: to change threads costs more than that. Should a disk hang, it holds up the task and nobody else.

use std::panic::resume_unwind;

use connect_core::{ConnectError, Result};
use tokio::task::JoinError;

/// What blocking work gave; its panic becomes that of whoever waited for it.
pub(crate) fn finished<T>(joined: Result<T, JoinError>) -> Result<T> {
    joined.map_err(|err| match err.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(err) => ConnectError::fatal("the worker is stopping").caused_by(err),
    })
}
