//! `connect-worker broker`: the embedded broker alone.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use embedded_broker::{Broker, BrokerConfig, SyncPolicy};

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

    /// Allow an address that other machines reach. There is neither authentication nor encryption:
    /// whoever reaches the port may read and delete everything
    #[arg(long)]
    allow_remote: bool,

    /// When records are put on the disk
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Sync::AtShutdown)]
    sync: Sync,

    /// Do not create a topic because a client asks for it
    #[arg(long)]
    no_auto_create_topics: bool,

    /// Partitions of a topic for which nobody says a number
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    partitions: u16,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Sync {
    /// In the background and at the end: survives the death of the process
    AtShutdown,
    /// Before every acknowledgement: survives the death of the machine, too
    EveryWrite,
}

impl Arguments {
    fn config(&self) -> BrokerConfig {
        let config = BrokerConfig::new(&self.data_dir)
            .listen(self.listen)
            .auto_create_topics(!self.no_auto_create_topics)
            .default_partitions(self.partitions)
            .sync(match self.sync {
                Sync::AtShutdown => SyncPolicy::AtShutdown,
                Sync::EveryWrite => SyncPolicy::EveryWrite,
            });
        if self.allow_remote {
            config.allow_remote()
        } else {
            config
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    block_on(async {
        let mut signals = Signals::catch()?;
        let broker = tokio::select! {
            broker = start_with(arguments.config()) => broker?,
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
    start_with(BrokerConfig::new(dir).listen(listen)).await
}

async fn start_with(config: BrokerConfig) -> Result<Broker, Failure> {
    let broker = Broker::start(config).await;
    broker.map_err(|error| Failure::setup(&error).about("embedded broker"))
}
