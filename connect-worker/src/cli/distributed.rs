//! `connect-worker distributed`: a worker of a cluster, which is told of connectors through REST.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use connect_core::config::Props;

use super::block_on;
use super::failure::{Exit, Failure};
use super::launch::{Launched, settle};
use super::signals::Signals;
use crate::config::properties;
use crate::config::worker::Membership;
use crate::log_levels::LogLevels;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Properties file of the worker; an empty name stands for no settings at all
    #[arg(value_name = "WORKER.properties")]
    worker: OsString,

    /// Starts a broker in this process, with its data in DIR; it listens where
    /// `bootstrap.servers` says, else on any free port
    #[arg(
        long,
        value_name = "DIR",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "connect-broker",
    )]
    embedded_broker: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, levels: LogLevels) -> Result<Exit, Failure> {
    let file = Path::new(&arguments.worker);
    let settings = match arguments.worker.is_empty() {
        true => Props::default(),
        false => properties::read(file).map_err(|error| Failure::setup(&error))?,
    };
    let broker_dir = arguments.embedded_broker.as_deref();
    block_on(async {
        let mut signals = Signals::catch()?;
        let mut worker = tokio::select! {
            launched = Launched::start(Membership::Cluster, settings, levels, broker_dir) => {
                launched.map_err(|failure| failure.about(file.display()))?
            }
            exit = signals.next() => return Ok(exit),
        };
        let outcome = tokio::select! {
            exit = signals.next() => Ok(exit),
            failure = worker.run_in_cluster() => Err(failure),
            never = settle() => never,
        };
        worker.stop(&mut signals).await;
        outcome
    })
}
