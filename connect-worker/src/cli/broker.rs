//! `connect-worker broker`: the embedded broker alone.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use embedded_broker::{Broker, BrokerConfig};

use super::block_on;
use super::failure::{Exit, Failure};
use super::signals::Signals;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Address of this machine where clients are served; port 0 is any that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9092")]
    listen: SocketAddr,

    /// Folder with topics and everything else that is kept; it is created if need be
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    block_on(async {
        let mut signals = Signals::catch()?;
        let broker = tokio::select! {
            broker = start(&arguments.data_dir, arguments.listen) => broker?,
            exit = signals.next() => return Ok(exit),
        };

        let exit = signals.next().await;
        tokio::select! {
            () = broker.shutdown() => {}
            // Whoever asks twice does not want to wait. What was acknowledged is on disk already.
            _ = signals.next() => tracing::warn!("broker ends without closing its files"),
        }
        Ok(exit)
    })
}

/// Starts a broker.
pub(super) async fn start(dir: &Path, listen: SocketAddr) -> Result<Broker, Failure> {
    let broker = Broker::start(BrokerConfig::new(dir).listen(listen)).await;
    broker.map_err(|error| Failure::setup(&error).about("embedded broker"))
}
