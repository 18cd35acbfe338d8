//! `connect-worker standalone`: a worker with the connectors that it is told of.

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
    pub(super) worker: OsString,

    /// Files of connectors to create, properties or JSON
    #[arg(value_name = "CONNECTOR.properties|.json")]
    pub(super) connectors: Vec<PathBuf>,

    /// Starts a broker in this process, with its data in DIR; it listens where
    /// `bootstrap.servers` says, else on any free port
    #[arg(
        long,
        value_name = "DIR",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "connect-broker",
    )]
    pub(super) embedded_broker: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, levels: LogLevels) -> Result<Exit, Failure> {
    let file = Path::new(&arguments.worker);
    let settings = match arguments.worker.is_empty() {
        true => Props::default(),
        false => properties::read(file).map_err(|error| Failure::setup(&error))?,
    };
    block_on(async {
        let mut signals = Signals::catch()?;
        let worker = tokio::select! {
            launched = Launched::start(Membership::Alone, settings, levels, arguments.embedded_broker.as_deref()) => {
                launched.map_err(|failure| failure.about(file.display()))?
            }
            exit = signals.next() => return Ok(exit),
        };
        let outcome = tokio::select! {
            exit = signals.next() => Ok(exit),
            created = worker.create(&arguments.connectors) => match created {
                Ok(()) => Ok(tokio::select! {
                    exit = signals.next() => exit,
                    never = settle() => never,
                }),
                Err(failure) => Err(failure),
            },
        };
        worker.stop(&mut signals).await;
        outcome
    })
}
