//! Work that may wait for a disk, away from the threads that must not wait.

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
