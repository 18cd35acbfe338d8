//! The server: sockets are bound before anything else starts, and served when all is there.

use std::borrow::Cow;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::http::uri;
use axum::{Extension, Router};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::connection::Acceptor;
use super::extensions::Extensions;
use super::routes::{self, AdminPaths, Decoration};
use super::{Api, tls};
use crate::config::worker::{
    AdminListeners, Advertised, Listener, Scheme, TlsSettings, WorkerConfig, local_host_address,
};
use crate::herder::validation::Admission;
use crate::log_levels::LogLevels;
use crate::metrics::Metrics;
use crate::peers::Peers;

const LISTENERS: &str = "listeners";
const ADMIN_LISTENERS: &str = "admin.listeners";
pub(super) const REST_EXTENSIONS: &str = "rest.extension.classes";
const EXTENSION: &str = "org.apache.kafka.connect.rest.ConnectRestExtension";

/// Longest wait for requests that are being answered when the server stops. The reference waits a
/// minute, but connectors have to be stopped before a supervisor loses its patience.
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// Wait for other connections to end when the system has room for no more.
const CROWDED_PAUSE: Duration = Duration::from_millis(200);

/// The server cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// A listener's address cannot be had.
    #[error("{key}: cannot listen on {listener}")]
    Bind {
        /// The key that names the listener.
        key: &'static str,
        /// The listener.
        listener: Listener,
        /// Why not.
        source: io::Error,
    },
    /// A setting is of no use to the server.
    #[error("{key}: {problem}")]
    Setting {
        /// The key.
        key: Cow<'static, str>,
        /// What is wrong with its value.
        problem: String,
    },
    /// There is no such REST extension.
    #[error(
        "{REST_EXTENSIONS}: Failed to find any class that implements {EXTENSION} \
         and which name matches {0}"
    )]
    Extension(String),
}

/// A server that has its sockets: clients can connect, and wait for an answer.
#[derive(Debug)]
pub struct BoundServer {
    sockets: Vec<Socket>,
    pub(super) admin_sockets: Vec<Socket>,
    admin_paths: AdminPaths,
    advertised: Advertised,
    decoration: Decoration,
}

/// A listener that has its port.
pub(super) struct Socket {
    pub(super) listener: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&self.listener, f)
    }
}

impl BoundServer {
    /// Binds the listeners of a worker.
    ///
    /// # Errors
    /// When an address cannot be had, or a setting of the server is of no use.
    pub async fn bind(config: &WorkerConfig) -> Result<Self, SetupError> {
        let decoration = Decoration::of(config)?;
        let (sockets, bound) = bind_all(LISTENERS, &config.listeners, config.tls.as_ref()).await?;
        let (admin_paths, admin_listeners) = match &config.admin_listeners {
            AdminListeners::Shared => (AdminPaths::Here, &[][..]),
            AdminListeners::Off => (AdminPaths::Elsewhere, &[][..]),
            AdminListeners::Separate(listeners) => (AdminPaths::Elsewhere, &listeners[..]),
        };
        let admin_tls = config.admin_tls.as_ref();
        let (admin_sockets, _) = bind_all(ADMIN_LISTENERS, admin_listeners, admin_tls).await?;
        let advertised = config.advertised.complete(&bound, &local_host_address());
        Ok(Self {
            sockets,
            admin_sockets,
            admin_paths,
            advertised,
            decoration,
        })
    }

    /// `host:port` of this worker, by which others know it.
    #[must_use]
    pub fn worker_id(&self) -> String {
        self.advertised.worker_id()
    }

    /// The address of this worker, with a slash at its end, that others are told.
    #[must_use]
    pub fn url(&self) -> String {
        self.advertised.to_string()
    }

    /// What asks other workers of the cluster.
    ///
    /// # Errors
    /// When a setting of TLS is of no use.
    pub(crate) fn peers(&self, config: &WorkerConfig) -> Result<Peers, SetupError> {
        let tls = config.cluster().and(config.tls.as_ref());
        Ok(Peers::new(tls.map(tls::connector).transpose()?))
    }

    /// Begins to answer.
    ///
    /// # Errors
    /// When an extension of the worker is not there, or refuses its settings.
    pub fn serve(
        mut self,
        admission: Admission,
        log_levels: LogLevels,
        metrics: Arc<Metrics>,
    ) -> Result<RestServer, SetupError> {
        let peers = self.peers(admission.worker())?;
        let (plugins, herder) = (admission.plugins(), admission.herder());
        self.decoration.extensions = Extensions::new(admission.worker(), plugins, herder)?;
        let (ready, readiness) = watch::channel(false);
        let url = self.advertised.to_string();
        let api = Arc::new(Api {
            admission,
            log_levels,
            metrics,
            peers,
            base_url: url.clone(),
            ready: readiness,
        });
        let mut server = RestServer {
            url,
            ready,
            stop: CancellationToken::new(),
            listeners: JoinSet::new(),
        };
        for socket in self.admin_sockets {
            server.listen(socket, routes::admin_router(Arc::clone(&api)));
        }
        let router = routes::router(api, self.admin_paths, self.decoration);
        for socket in self.sockets {
            server.listen(socket, router.clone());
        }
        tracing::info!(url = %server.url, "REST server listening");
        Ok(server)
    }
}

/// A server that answers, until it is shut down or dropped.
#[derive(Debug)]
pub struct RestServer {
    url: String,
    ready: watch::Sender<bool>,
    stop: CancellationToken,
    listeners: JoinSet<()>,
}

impl RestServer {
    /// The address that clients are told, with a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Lets `/health` tell that the worker has started completely.
    pub fn set_ready(&self) {
        self.ready.send_replace(true);
    }

    /// Takes no more requests, and waits for those that are being answered.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        let ended = async { while self.listeners.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_LIMIT, ended).await.is_err() {
            tracing::warn!("requests are still being answered, and are given up");
        }
    }

    fn listen(&mut self, socket: Socket, router: Router) {
        let scheme = match &socket.tls {
            None => uri::Scheme::HTTP,
            Some(_) => uri::Scheme::HTTPS,
        };
        let acceptor = Acceptor {
            router: router.layer(Extension(scheme)),
            tls: socket.tls,
            stop: self.stop.clone(),
        };
        self.listeners.spawn(accept(socket.listener, acceptor));
    }
}

/// Takes connections until the server stops, and waits for the last of them to end.
async fn accept(listener: TcpListener, acceptor: Acceptor) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            () = acceptor.stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, _)) => drop(connections.spawn(acceptor.clone().serve(stream))),
            // The client has given up meanwhile.
            Err(error) if is_of_client(&error) => {}
            Err(error) => {
                tracing::error!(%error, "REST listener takes no connection");
                tokio::time::sleep(CROWDED_PAUSE).await;
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

fn is_of_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

/// Binds listeners; they are returned with the ports that the system gave them.
async fn bind_all(
    key: &'static str,
    listeners: &[Listener],
    settings: Option<&TlsSettings>,
) -> Result<(Vec<Socket>, Vec<Listener>), SetupError> {
    let acceptor = settings.map(tls::acceptor).transpose()?;
    let mut sockets = Vec::with_capacity(listeners.len());
    let mut bound = Vec::with_capacity(listeners.len());
    for listener in listeners {
        let (socket, known) = bind(key, listener).await?;
        let tls = match listener.scheme {
            Scheme::Http => None,
            Scheme::Https => acceptor.clone(),
        };
        sockets.push(Socket {
            listener: socket,
            tls,
        });
        bound.push(known);
    }
    Ok((sockets, bound))
}

/// Binds a listener; it is returned with the port that the system gave it.
async fn bind(
    key: &'static str,
    listener: &Listener,
) -> Result<(TcpListener, Listener), SetupError> {
    let port = listener.port;
    let socket = match &listener.host {
        Some(host) => TcpListener::bind((host.as_str(), port)).await,
        None => match TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).await {
            // Machines without IPv6 have only this.
            Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
                TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await
            }
            bound => bound,
        },
    };
    let bound = socket.and_then(|socket| Ok((socket.local_addr()?.port(), socket)));
    match bound {
        Ok((port, socket)) => Ok((
            socket,
            Listener {
                port,
                ..listener.clone()
            },
        )),
        Err(source) => Err(SetupError::Bind {
            key,
            listener: listener.clone(),
            source,
        }),
    }
}
