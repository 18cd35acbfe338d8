//! One connection to a broker: one request at a time, its answer matched by number.
//!
//! What is under way is kept here and not in futures, so each of them may be dropped and asked for again.

use std::{fmt, io};

use bytes::{Buf, Bytes, BytesMut};
use kafka_protocol::messages::{
    ApiKey, ApiVersionsRequest, RequestHeader, ResponseHeader, api_versions_response::ApiVersion,
};
use kafka_protocol::protocol::{
    Decodable, Encodable, HeaderVersion, Request, StrBytes, VersionRange,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::{security::Security, servers::Server, wire};
use crate::error::{ErrorKind, KafkaError, Result};

/// The longest answer that is read, as librdkafka has it.
const MAX_FRAME: usize = 100_000_000;
/// As much is set aside at most for what has not arrived.
const MAX_RESERVE: usize = 64 * 1024;

/// Where bytes go and come from, encrypted or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for T {}

/// A connection to a broker that has told its versions and let us in.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    server: Server,
    client_id: StrBytes,
    versions: Vec<ApiVersion>,
    outgoing: BytesMut,
    incoming: BytesMut,
    awaited: Option<Awaited>,
    last_id: i32,
    expires: Option<Instant>,
}

/// A request that has no answer yet.
#[derive(Clone, Copy)]
struct Awaited {
    id: i32,
    key: i16,
    version: i16,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// Connects, encrypts, asks for versions and logs in.
    ///
    /// # Errors
    /// Whatever is in the way; retriable unless certificates or credentials are refused.
    pub(super) async fn open(
        server: &Server,
        client_id: &StrBytes,
        security: &Security,
    ) -> Result<Self> {
        let connected = connect(server, security).await;
        let stream = connected.map_err(|error| broken(server, &error))?;
        let mut connection = Self::over(stream, server.clone(), client_id.clone());
        connection.learn_versions().await?;
        if let Some(login) = &security.login {
            let lasts = login.perform(&mut connection).await?;
            connection.expires = lasts.map(|it| Instant::now() + it);
        }
        Ok(connection)
    }

    fn over(stream: Box<dyn Stream>, server: Server, client_id: StrBytes) -> Self {
        Self {
            stream,
            server,
            client_id,
            versions: Vec::new(),
            outgoing: BytesMut::new(),
            incoming: BytesMut::new(),
            awaited: None,
            last_id: 0,
            expires: None,
        }
    }

    /// Every broker knows the first version of this request, and says in it what else it knows.
    async fn learn_versions(&mut self) -> Result<()> {
        self.ask(0, &ApiVersionsRequest::default())?;
        let answer = self.answer::<ApiVersionsRequest>().await?;
        wire::check(answer.error_code).map_err(|error| error.during("ApiVersions"))?;
        self.versions = answer.api_keys;
        Ok(())
    }

    /// The broker at the other end.
    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    /// The newest version of a request that the broker and we know.
    ///
    /// # Errors
    /// There is none: final.
    pub(super) fn version<R: Request>(&self, ours: VersionRange) -> Result<i16> {
        let known = self.versions.iter().find(|it| it.api_key == R::KEY);
        let theirs = known.map(|it| VersionRange {
            min: it.min_version,
            max: it.max_version,
        });
        match theirs.map(|it| it.intersect(&ours)) {
            Some(common) if !common.is_empty() => Ok(common.max),
            Some(_) | None => Err(KafkaError::new(
                ErrorKind::Fatal,
                format!(
                    "{}: the broker does not support {} in versions {ours}",
                    self.server,
                    name(R::KEY),
                ),
            )),
        }
    }

    /// Whether a request can be made: none has been left without its answer, and the login still counts.
    pub(super) fn is_free(&self) -> bool {
        self.awaited.is_none() && self.expires.is_none_or(|it| Instant::now() < it)
    }

    /// Whether the answer to such a request is awaited.
    pub(super) fn awaits<R: Request>(&self) -> bool {
        self.awaited.is_some_and(|it| it.key == R::KEY)
    }

    /// Prepares a request, which is sent while its [answer](Self::answer) is waited for.
    ///
    /// # Errors
    /// The request does not fit into this version: final.
    pub(super) fn ask<R: Request>(&mut self, version: i16, request: &R) -> Result<()> {
        debug_assert!(self.awaited.is_none(), "a request waits for its answer");
        let id = self.last_id.wrapping_add(1);
        let header = RequestHeader::default()
            .with_request_api_key(R::KEY)
            .with_request_api_version(version)
            .with_correlation_id(id)
            .with_client_id(Some(self.client_id.clone()));
        let mut bytes = BytesMut::new();
        let encoded = header
            .encode(&mut bytes, R::header_version(version))
            .and_then(|()| request.encode(&mut bytes, version));
        encoded.map_err(|error| too_much::<R>(&error))?;
        let length = i32::try_from(bytes.len()).map_err(|error| too_much::<R>(&error))?;
        self.outgoing.extend_from_slice(&length.to_be_bytes());
        self.outgoing.extend_from_slice(&bytes);
        self.last_id = id;
        self.awaited = Some(Awaited {
            id,
            key: R::KEY,
            version,
        });
        Ok(())
    }

    /// The answer to the request that was prepared. May be dropped and called again.
    ///
    /// # Errors
    /// The connection broke, or something came that is not this answer: retriable, with another connection.
    pub(super) async fn answer<R: Request>(&mut self) -> Result<R::Response> {
        let awaited = self.awaited.filter(|it| it.key == R::KEY);
        let awaited = awaited.expect("an answer is waited for after its request");
        let frame = match self.exchange().await {
            Ok(frame) => frame,
            Err(error) => return Err(broken(&self.server, &error)),
        };
        let answer = read::<R>(frame, awaited).map_err(|problem| {
            let text = format!("{}: the answer to {}", self.server, name(R::KEY));
            KafkaError::new(ErrorKind::Retriable, problem).during(text)
        })?;
        self.awaited = None;
        Ok(answer)
    }

    /// Sends what is prepared and reads a frame, without its length.
    async fn exchange(&mut self) -> io::Result<Bytes> {
        while self.outgoing.has_remaining() {
            if self.stream.write_buf(&mut self.outgoing).await? == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
        self.stream.flush().await?;
        loop {
            let missing = match self.incoming.first_chunk() {
                None => size_of::<u32>(),
                Some(length) => {
                    let wanted = size_of::<u32>() + frame_len(*length)?;
                    if self.incoming.len() >= wanted {
                        let mut frame = self.incoming.split_to(wanted).freeze();
                        frame.advance(size_of::<u32>());
                        return Ok(frame);
                    }
                    wanted - self.incoming.len()
                }
            };
            self.incoming.reserve(missing.min(MAX_RESERVE));
            if self.stream.read_buf(&mut self.incoming).await? == 0 {
                return Err(closed());
            }
        }
    }

    /// Waits, while nothing is asked, until the connection is of no use any more. May be dropped and called again.
    pub(super) async fn fails(&mut self) -> KafkaError {
        let error = match self.stream.read_buf(&mut self.incoming).await {
            Ok(0) => closed(),
            Ok(_) => io::Error::other("the broker said something that nobody asked for"),
            Err(error) => error,
        };
        broken(&self.server, &error)
    }
}

async fn connect(server: &Server, security: &Security) -> io::Result<Box<dyn Stream>> {
    let stream = TcpStream::connect((server.host.as_str(), server.port)).await?;
    stream.set_nodelay(true)?;
    security.protect(stream, &server.host).await
}

fn frame_len(length: [u8; 4]) -> io::Result<usize> {
    let length = i32::from_be_bytes(length);
    let fitting = usize::try_from(length).ok().filter(|it| *it <= MAX_FRAME);
    fitting.ok_or_else(|| io::Error::other(format!("an answer announces {length} bytes")))
}

fn closed() -> io::Error {
    io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "the broker closed the connection",
    )
}

fn read<R: Request>(mut frame: Bytes, awaited: Awaited) -> Result<R::Response, String> {
    let version = awaited.version;
    let header = ResponseHeader::decode(&mut frame, R::Response::header_version(version));
    let header = header.map_err(|error| format!("has no header: {error}"))?;
    if header.correlation_id != awaited.id {
        let found = header.correlation_id;
        return Err(format!("has the number {found} instead of {}", awaited.id));
    }
    wire::check_lists(R::KEY, version, &frame)?;
    let answer = R::Response::decode(&mut frame, version);
    let answer = answer.map_err(|error| format!("cannot be read: {error}"))?;
    match frame.len() {
        0 => Ok(answer),
        more => Err(format!("is followed by {more} bytes")),
    }
}

/// What a broken connection is to the caller: a broker or a network that may come back, or a refusal.
fn broken(server: &Server, error: &io::Error) -> KafkaError {
    let kind = match super::security::is_refusal(error) {
        true => ErrorKind::Authentication,
        false => ErrorKind::Retriable,
    };
    KafkaError::new(kind, format!("{server}: {error}"))
}

fn too_much<R: Request>(error: &dyn fmt::Display) -> KafkaError {
    let text = format!("{} cannot be written: {error}", name(R::KEY));
    KafkaError::new(ErrorKind::Fatal, text)
}

fn name(key: i16) -> String {
    ApiKey::try_from(key).map_or_else(|()| key.to_string(), |it| format!("{it:?}"))
}
