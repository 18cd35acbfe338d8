//! A broker as its owner sees it.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::thread::{self, JoinHandle};

use tokio::net::TcpListener;
use tokio::runtime;
use tokio::sync::oneshot;
use tokio::task::LocalSet;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::config::{BrokerConfig, SyncPolicy};
use crate::error::BrokerError;
use crate::node::Node;
use crate::server::serve;

/// A running broker. It stops when it is dropped, or politely with [`shutdown`](Self::shutdown).
///
/// The broker has a thread of its own, which does everything: it waits for the network, reads and
/// writes files, and so never holds up the runtime that it was started from.
#[must_use = "a broker stops when it is dropped"]
pub struct Broker {
    address: SocketAddr,
    data_dir: PathBuf,
    stop: CancellationToken,
    politely: CancellationToken,
    thread: Option<JoinHandle<()>>,
    ended: oneshot::Receiver<()>,
}

impl Broker {
    /// Starts a broker and returns when it listens.
    ///
    /// # Errors
    /// When the address cannot be listened on, or the data folder is used by another broker, cannot
    /// be read or is damaged. A damaged folder is left as it is.
    pub async fn start(config: BrokerConfig) -> Result<Self, BrokerError> {
        let (started, starting) = oneshot::channel();
        let (ending, ended) = oneshot::channel();
        let stop = CancellationToken::new();
        let politely = CancellationToken::new();
        let data_dir = config.data_dir.clone();
        let orders = Orders {
            stop: stop.clone(),
            politely: politely.clone(),
        };
        let thread = thread::Builder::new()
            .name("embedded-broker".to_owned())
            .spawn(move || {
                run(config, &orders, started);
                // Nobody may be waiting any more.
                _ = ending.send(());
            })
            .map_err(BrokerError::Thread)?;
        let address = starting.await.unwrap_or_else(|_| {
            let reason = "it ended before the broker was ready";
            Err(BrokerError::Thread(std::io::Error::other(reason)))
        })?;
        Ok(Self {
            address,
            data_dir,
            stop,
            politely,
            thread: Some(thread),
            ended,
        })
    }

    /// The address that the broker listens on.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Stops the broker: connections end, and all data is put on the disk.
    pub async fn shutdown(mut self) {
        self.politely.cancel();
        self.stop.cancel();
        // The sender goes when the thread ends, whether it sent or not.
        _ = (&mut self.ended).await;
    }
}

impl Drop for Broker {
    /// Stops the broker and waits until its files are closed. Whatever was acknowledged is written.
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            warn!("the broker's thread ended in a panic");
        }
    }
}

impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broker")
            .field("address", &self.address)
            .field("data_dir", &self.data_dir)
            .finish_non_exhaustive()
    }
}

struct Orders {
    stop: CancellationToken,
    politely: CancellationToken,
}

type Started = oneshot::Sender<Result<SocketAddr, BrokerError>>;

/// The life of a broker's thread.
fn run(config: BrokerConfig, orders: &Orders, started: Started) {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            // Nobody may be waiting any more.
            _ = started.send(Err(BrokerError::Thread(error)));
            return;
        }
    };
    LocalSet::new().block_on(&runtime, live(config, orders, started));
}

async fn live(config: BrokerConfig, orders: &Orders, started: Started) {
    let sync_at_end = config.sync == SyncPolicy::AtShutdown;
    let (node, listener, address) = match open(config).await {
        Ok(ready) => ready,
        Err(error) => {
            // Nobody may be waiting any more.
            _ = started.send(Err(error));
            return;
        }
    };
    info!(addr = %address, "broker listening");
    if started.send(Ok(address)).is_err() {
        return;
    }
    serve(Rc::clone(&node), listener, orders.stop.clone()).await;
    if sync_at_end && orders.politely.is_cancelled() {
        node.sync();
    }
}

async fn open(config: BrokerConfig) -> Result<(Rc<Node>, TcpListener, SocketAddr), BrokerError> {
    let address = config.listen;
    if !address.ip().is_loopback() {
        if !config.allow_remote {
            return Err(BrokerError::NotLoopback(address));
        }
        warn!(addr = %address, "anybody who reaches this address can read and delete everything");
    }
    let cannot_listen = |source| BrokerError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(cannot_listen)?;
    let bound = listener.local_addr().map_err(cannot_listen)?;
    let node = Node::open(config)?;
    Ok((Rc::new(node), listener, bound))
}
