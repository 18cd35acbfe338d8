//! A client that speaks Kafka's protocol without any help, over one connection: it says exactly what a test says.
#![expect(
    clippy::missing_panics_doc,
    reason = "a harness reports by failing the test"
)]

use bytes::{Buf, Bytes, BytesMut};
use kafka_protocol::messages::{ApiKey, RequestHeader, ResponseHeader};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const CLIENT_ID: &str = "raw";
const CORRELATION_ID: i32 = 4_711;

/// A connection to a broker.
#[derive(Debug)]
pub struct RawClient {
    stream: TcpStream,
}

impl RawClient {
    /// Connects to `host:port`.
    pub async fn connect(bootstrap: &str) -> Self {
        let stream = TcpStream::connect(bootstrap).await;
        let stream = stream.expect("the broker listens");
        stream
            .set_nodelay(true)
            .expect("a connection can be told not to wait");
        Self { stream }
    }

    /// Sends a request and waits for its answer.
    pub async fn call<R: Request>(&mut self, version: i16, request: &R) -> R::Response {
        self.send(version, request).await;
        self.receive::<R>(version).await
    }

    /// Sends a request.
    pub async fn send<R: Request>(&mut self, version: i16, request: &R) {
        let mut body = BytesMut::new();
        let encoded = request.encode(&mut body, version);
        encoded.expect("the version has all the fields that are set");
        self.send_frame(&frame(R::KEY, version, &body)).await;
    }

    /// Sends bytes as they are.
    pub async fn send_frame(&mut self, bytes: &[u8]) {
        let sent = self.stream.write_all(bytes).await;
        sent.expect("the broker takes what it is sent");
    }

    /// Waits for the answer to a request that was sent.
    pub async fn receive<R: Request>(&mut self, version: i16) -> R::Response {
        let mut bytes = self.receive_frame().await.expect("the broker answers");
        let header = ResponseHeader::decode(&mut bytes, R::Response::header_version(version));
        let header = header.expect("an answer has a header");
        assert_eq!(header.correlation_id, CORRELATION_ID);
        let response = R::Response::decode(&mut bytes, version).expect("the answer can be read");
        assert!(!bytes.has_remaining(), "more than an answer: {bytes:?}");
        response
    }

    /// The next frame without its length; an error when the connection ends before.
    ///
    /// # Errors
    ///
    /// If the broker closes the connection.
    pub async fn receive_frame(&mut self) -> std::io::Result<Bytes> {
        let length = self.stream.read_u32().await?;
        let mut bytes = vec![0; length as usize];
        self.stream.read_exact(&mut bytes).await?;
        Ok(bytes.into())
    }

    /// Whether the broker closes the connection instead of saying something.
    pub async fn is_closed(&mut self) -> bool {
        // A broken connection is as closed as one that was ended.
        self.stream.read(&mut [0]).await.unwrap_or(0) == 0
    }
}

/// A request as it travels, its length in front.
#[must_use]
pub fn frame(key: i16, version: i16, body: &[u8]) -> Vec<u8> {
    let api = ApiKey::try_from(key);
    let header_version = api.map_or(1, |it| it.request_header_version(version));
    let mut bytes = BytesMut::new();
    let header = RequestHeader::default()
        .with_request_api_key(key)
        .with_request_api_version(version)
        .with_correlation_id(CORRELATION_ID)
        .with_client_id(Some(StrBytes::from_static_str(CLIENT_ID)));
    header
        .encode(&mut bytes, header_version)
        .expect("every header has these fields");
    bytes.extend_from_slice(body);
    let length = u32::try_from(bytes.len()).expect("requests of tests are small");
    [&length.to_be_bytes()[..], &bytes].concat()
}
