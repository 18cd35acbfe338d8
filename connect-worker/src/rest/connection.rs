//! One connection of a client, and how long it may do nothing.

use std::future::poll_fn;
use std::io;
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Longest time for the head of a request to arrive whole, counted from the end of the one before;
/// for each part of an answer to be taken; and for its body to arrive ([`super::body`]). As long as a
/// connection of the reference may be idle.
pub(super) const IDLE_LIMIT: Duration = Duration::from_secs(90);
/// Longest time until both sides have agreed on how to encrypt.
pub(super) const HANDSHAKE_LIMIT: Duration = Duration::from_secs(30);

/// Longest time that what a client still sends is taken after the last answer.
const LINGER_LIMIT: Duration = Duration::from_secs(5);

/// Most headers of a request, which are limited by their length.
const MAX_HEADERS: usize = 2048;

/// What a listener does with its connections. Cheap to clone.
#[derive(Clone)]
pub(super) struct Acceptor {
    pub(super) router: Router,
    /// Absent where all is in the clear.
    pub(super) tls: Option<TlsAcceptor>,
    /// Connections end with the request that they are in.
    pub(super) stop: CancellationToken,
}

impl Acceptor {
    /// Answers all requests of a connection.
    pub(super) async fn serve(self, stream: TcpStream) {
        let tls = self.tls.clone();
        // A small answer is not held back until the client has confirmed the one before.
        let served = match stream.set_nodelay(true) {
            Err(error) => Err(error.into()),
            Ok(()) => match tls {
                None => self.answer(stream).await,
                Some(tls) => match timeout(HANDSHAKE_LIMIT, tls.accept(stream)).await {
                    Ok(Ok(stream)) => self.answer(stream).await,
                    Ok(Err(error)) => Err(error.into()),
                    Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut).into()),
                },
            },
        };
        if let Err(error) = served {
            tracing::debug!(%error, "connection of a client has ended");
        }
    }

    async fn answer<S>(self, stream: S) -> Result<(), Box<dyn std::error::Error + Send + Sync>>
    where
        S: AsyncRead + AsyncWrite + Send,
    {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(IDLE_LIMIT));
        let router = self.router;
        let answer =
            service_fn(move |request: Request<Incoming>| Box::pin(router.clone().oneshot(request)));
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(IDLE_LIMIT)
            .half_close(true)
            .title_case_headers(true)
            .max_headers(MAX_HEADERS)
            .serve_connection(TokioIo::new(Box::pin(stream)), answer);
        let served = tokio::select! {
            served = poll_fn(|cx| connection.poll_without_shutdown(cx)) => served,
            () = self.stop.cancelled() => {
                Pin::new(&mut connection).graceful_shutdown();
                return Ok(connection.await?);
            }
        };
        // What cannot be read was answered, too.
        if served.as_ref().err().is_none_or(hyper::Error::is_parse) {
            let stream = connection.into_parts().io.into_inner();
            self.stop.run_until_cancelled(linger(stream)).await;
        }
        Ok(served?)
    }
}

/// Ends a connection so that the client gets the last answer: as long as it sends more, which the
/// system would refuse and forget the answer over it, that is taken.
async fn linger(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut rest = [0; 1024];
    let taken = async {
        stream.shutdown().await?;
        while stream.read(&mut rest).await? > 0 {}
        Ok::<_, io::Error>(())
    };
    // However it ends, there is nothing left to say.
    let _ = timeout(LINGER_LIMIT, taken).await;
}
