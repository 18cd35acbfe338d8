//! Configuration providers.
//!
#![doc = include_str!("../README.md")]

mod allowed_paths;
mod directory;
mod env_var;
mod file;

pub use allowed_paths::AllowedPathsConfig;
pub use directory::DirectoryConfigProvider;
pub use env_var::{EnvVarConfig, EnvVarConfigProvider, NamePattern};
pub use file::FileConfigProvider;

use std::panic::resume_unwind;

use connect_core::{ConnectError, Result};

/// Runs work that may wait for a disk away from the threads that must not wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let finished = tokio::task::spawn_blocking(work).await;
    finished.map_err(|err| match err.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(err) => ConnectError::fatal("the worker is stopping").caused_by(err),
    })?
}
