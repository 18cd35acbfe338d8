//! Requests to other workers of the cluster: those of users that another worker has to answer, and
//! those that workers make of their own.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, LOCATION,
    USER_AGENT,
};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// What workers of the reference call themselves, and some extensions look for.
const AGENT: HeaderValue = HeaderValue::from_static("kafka-connect");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Longest silence of another worker.
const LIMIT: Duration = Duration::from_secs(90);
/// Longest answer: all connectors of a cluster are shorter.
const MAX_ANSWER_BYTES: usize = 64 << 20;

/// A request to another worker.
#[derive(Debug)]
pub(crate) struct PeerRequest<'a> {
    pub(crate) method: Method,
    /// Address of the worker, with a slash at its end.
    pub(crate) base: &'a str,
    /// Path and query below it, without a slash at the beginning.
    pub(crate) path: &'a str,
    pub(crate) body: Option<Bytes>,
    /// What the user has proven to be.
    pub(crate) authorization: Option<HeaderValue>,
    /// Further headers.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

/// What another worker answers.
#[derive(Debug)]
pub(crate) struct PeerAnswer {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<HeaderValue>,
    pub(crate) body: Bytes,
}

/// Another worker cannot be asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PeerError {
    #[error("{0} is not the address of a worker")]
    Address(String),
    #[error("{0} is to be asked over TLS, for which this worker has no settings")]
    NoTls(String),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Http(#[from] hyper::Error),
    #[error("the answer cannot be read: {0}")]
    Body(Box<dyn std::error::Error + Send + Sync>),
    #[error("no answer within {} s", LIMIT.as_secs())]
    TimedOut,
}

/// Asks other workers.
#[derive(Clone, Default)]
pub(crate) struct Peers {
    /// For workers that are asked over TLS.
    tls: Option<TlsConnector>,
}

impl std::fmt::Debug for Peers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Peers").finish_non_exhaustive()
    }
}

impl Peers {
    pub(crate) fn new(tls: Option<TlsConnector>) -> Self {
        Self { tls }
    }

    /// Sends a request and waits for the whole answer.
    ///
    /// # Errors
    /// When the worker cannot be reached, or does not answer.
    pub(crate) async fn ask(&self, request: PeerRequest<'_>) -> Result<PeerAnswer, PeerError> {
        let asked = timeout(LIMIT, self.ask_patiently(request)).await;
        asked.unwrap_or(Err(PeerError::TimedOut))
    }

    async fn ask_patiently(&self, request: PeerRequest<'_>) -> Result<PeerAnswer, PeerError> {
        let wrong = || PeerError::Address(request.base.to_owned());
        let url: Uri = format!("{}{}", request.base, request.path)
            .parse()
            .map_err(|_| wrong())?;
        let (Some(authority), Some(scheme)) = (url.authority(), url.scheme_str()) else {
            return Err(wrong());
        };
        let is_tls = scheme.eq_ignore_ascii_case("https");
        let port = authority
            .port_u16()
            .unwrap_or(if is_tls { 443 } else { 80 });
        let host = authority.host().trim_matches(['[', ']']);
        let stream = TcpStream::connect((host, port)).await?;
        stream.set_nodelay(true)?;
        let message = message(&request, &url, authority.as_str());
        if !is_tls {
            return exchange(stream, message).await;
        }
        let tls = self.tls.as_ref();
        let tls = tls.ok_or_else(|| PeerError::NoTls(request.base.to_owned()))?;
        let name = ServerName::try_from(host.to_owned()).map_err(|_| wrong())?;
        exchange(tls.connect(name, stream).await?, message).await
    }
}

fn message(request: &PeerRequest<'_>, url: &Uri, authority: &str) -> Request<Full<Bytes>> {
    let mut headers = HeaderMap::new();
    if let Ok(host) = HeaderValue::from_str(authority) {
        headers.insert(HOST, host);
    }
    headers.insert(USER_AGENT, AGENT);
    headers.insert(ACCEPT, JSON);
    if request.body.is_some() {
        headers.insert(CONTENT_TYPE, JSON);
    }
    if let Some(authorization) = &request.authorization {
        headers.insert(AUTHORIZATION, authorization.clone());
    }
    headers.extend(request.headers.iter().cloned());
    let mut message = Request::new(Full::new(request.body.clone().unwrap_or_default()));
    *message.method_mut() = request.method.clone();
    if let Some(path) = url.path_and_query() {
        *message.uri_mut() = Uri::from(path.clone());
    }
    *message.headers_mut() = headers;
    message
}

/// Sends a message over a connection of its own. Requests between workers are rare.
async fn exchange<S>(stream: S, message: Request<Full<Bytes>>) -> Result<PeerAnswer, PeerError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let answer = async {
        let response: Response<Incoming> = sender.send_request(message).await?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await;
        Ok(PeerAnswer {
            status: head.status,
            location: head.headers.get(LOCATION).cloned(),
            body: body.map_err(PeerError::Body)?.to_bytes(),
        })
    };
    tokio::pin!(answer);
    tokio::select! {
        answered = &mut answer => answered,
        // What ends the connection fails the request, too, unless the answer was all there is.
        _ = connection => answer.await,
    }
}
