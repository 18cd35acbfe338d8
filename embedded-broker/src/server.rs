//! Listening, and one task for each connection.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::api;
use crate::node::Node;
use crate::upkeep::{watch_checkpoints, watch_compaction};
use crate::wire::{Hangup, Incoming, read_frame};

/// How long to wait before the next try when no connection can be accepted.
const ACCEPT_BACK_OFF: Duration = Duration::from_millis(100);

/// Who is at the other end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client {
    /// Its address.
    pub(crate) peer: SocketAddr,
    /// The address of ours that it reached, so the one it can reach again.
    pub(crate) local: SocketAddr,
}

/// Serves clients until it is cancelled; connections end with it.
pub(crate) async fn serve(node: Rc<Node>, listener: TcpListener, stop: CancellationToken) {
    let mut tasks = JoinSet::new();
    let watching = Rc::clone(&node);
    tasks.spawn_local(async move { watching.watch_groups().await });
    let watching = Rc::clone(&node);
    tasks.spawn_local(async move { watching.watch_retention().await });
    let watching = Rc::clone(&node);
    tasks.spawn_local(async move { watching.watch_transactions().await });
    tasks.spawn_local(watch_checkpoints(Rc::clone(&node)));
    tasks.spawn_local(watch_compaction(Rc::clone(&node), stop.clone()));
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = tasks.join_next() => {
                if let Err(error) = ended {
                    warn!(%error, "a connection ended in a panic");
                }
            }
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let node = Rc::clone(&node);
                    tasks.spawn_local(async move { connection(&node, stream, peer).await });
                }
                Err(error) => {
                    warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_BACK_OFF).await;
                }
            }
        }
    }
    tasks.shutdown().await;
}

async fn connection(node: &Node, stream: TcpStream, peer: SocketAddr) {
    match converse(node, stream, peer).await {
        Ok(()) => debug!(%peer, "client closed its connection"),
        Err(Hangup::Io(error)) => debug!(%peer, %error, "connection lost"),
        Err(error @ (Hangup::Nonsense(_) | Hangup::Answer { .. })) => {
            warn!(%peer, %error, "client disconnected");
        }
    }
}

async fn converse(node: &Node, mut stream: TcpStream, peer: SocketAddr) -> Result<(), Hangup> {
    stream.set_nodelay(true)?;
    let client = Client {
        peer,
        local: stream.local_addr()?,
    };
    let mut buffer = BytesMut::new();
    while let Some(frame) = read_frame(&mut stream, &mut buffer).await? {
        let request = Incoming::parse(frame)?;
        if let Some(mut answer) = api::answer(node, client, request).await? {
            stream.write_all_buf(&mut answer).await?;
        }
    }
    Ok(())
}
