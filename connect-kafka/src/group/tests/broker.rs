//! A broker that does nothing but what a test says, request by request.

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::api_versions_response::ApiVersion;
use kafka_protocol::messages::{
    ApiKey, ApiVersionsRequest, ApiVersionsResponse, FindCoordinatorRequest,
    FindCoordinatorResponse, MetadataRequest, MetadataResponse, RequestHeader, ResponseHeader,
    metadata_response::MetadataResponseBroker,
};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the broker says it knows: request and newest version.
const VERSIONS: [(ApiKey, i16); 7] = [
    (ApiKey::ApiVersions, 4),
    (ApiKey::Metadata, 13),
    (ApiKey::FindCoordinator, 6),
    (ApiKey::JoinGroup, 9),
    (ApiKey::SyncGroup, 5),
    (ApiKey::Heartbeat, 4),
    (ApiKey::LeaveGroup, 5),
];

pub(super) struct Broker {
    listener: TcpListener,
}

impl Broker {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        Self { listener }
    }

    pub(super) fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    /// Takes the next connection and tells it versions.
    pub(super) async fn accept(&self) -> Peer {
        self.accept_with(&VERSIONS).await
    }

    pub(super) async fn accept_with(&self, versions: &[(ApiKey, i16)]) -> Peer {
        let (stream, _) = self.listener.accept().await.unwrap();
        let mut peer = Peer {
            stream,
            asked: (0, 0),
        };
        let versions = versions.iter().map(|(key, max)| {
            ApiVersion::default()
                .with_api_key(*key as i16)
                .with_max_version(*max)
        });
        let answer = ApiVersionsResponse::default().with_api_keys(versions.collect());
        peer.serve::<ApiVersionsRequest>(answer).await;
        peer
    }

    /// Takes a connection and tells where the coordinator is, and that both are all brokers.
    pub(super) async fn point_to(&self, code: i16, port: u16) {
        let mut peer = self.accept().await;
        let answer = FindCoordinatorResponse::default()
            .with_error_code(code)
            .with_host(StrBytes::from_static_str("127.0.0.1"))
            .with_port(port.into());
        let asked = peer.serve::<FindCoordinatorRequest>(answer).await;
        assert_eq!((&*asked.key, asked.key_type), ("workers", 0));
        if code == 0 {
            let brokers = [self.port(), port].map(|port| {
                MetadataResponseBroker::default()
                    .with_host(StrBytes::from_static_str("127.0.0.1"))
                    .with_port(port.into())
            });
            let answer = MetadataResponse::default().with_brokers(brokers.to_vec());
            let asked = peer.serve::<MetadataRequest>(answer).await;
            assert_eq!(asked.topics, Some(Vec::new()));
        }
    }

    /// Says that it is the coordinator itself, and takes the connection to that.
    pub(super) async fn coordinate(&self) -> Peer {
        self.point_to(0, self.port()).await;
        self.accept().await
    }
}

/// The broker's end of a connection.
pub(super) struct Peer {
    pub(super) stream: TcpStream,
    /// Number and version of the request that was read last.
    asked: (i32, i16),
}

impl Peer {
    /// Reads a request, which has to be this one.
    pub(super) async fn read<R: Request>(&mut self) -> R {
        let length = self.stream.read_u32().await.unwrap();
        let mut bytes = vec![0; length as usize];
        self.stream.read_exact(&mut bytes).await.unwrap();
        let (key, version) = (
            i16::from_be_bytes([bytes[0], bytes[1]]),
            i16::from_be_bytes([bytes[2], bytes[3]]),
        );
        assert_eq!(key, R::KEY);
        let mut bytes = Bytes::from(bytes);
        let header = RequestHeader::decode(&mut bytes, R::header_version(version)).unwrap();
        assert_eq!(header.client_id.as_deref(), Some("me"));
        self.asked = (header.correlation_id, version);
        R::decode(&mut bytes, version).unwrap()
    }

    /// Answers the request that was read last.
    pub(super) async fn write<R: Request>(&mut self, answer: &R::Response) {
        self.write_as::<R>(self.asked.0, answer).await;
    }

    /// The same under another number.
    pub(super) async fn write_as<R: Request>(&mut self, number: i32, answer: &R::Response) {
        let version = self.asked.1;
        let mut bytes = BytesMut::new();
        let header = ResponseHeader::default().with_correlation_id(number);
        header
            .encode(&mut bytes, R::Response::header_version(version))
            .unwrap();
        answer.encode(&mut bytes, version).unwrap();
        self.write_frame(&bytes).await;
    }

    /// Answers the request that was read last with these bytes behind the header.
    pub(super) async fn write_bytes(&mut self, body: &[u8]) {
        let number = self.asked.0.to_be_bytes();
        // The header of the kind that may have tags has none.
        self.write_frame(&[&number[..], &[0], body].concat()).await;
    }

    pub(super) async fn write_frame(&mut self, frame: &[u8]) {
        let length = u32::try_from(frame.len()).unwrap();
        self.stream.write_u32(length).await.unwrap();
        self.stream.write_all(frame).await.unwrap();
    }

    pub(super) async fn serve<R: Request>(&mut self, answer: R::Response) -> R {
        let request = self.read::<R>().await;
        self.write::<R>(&answer).await;
        request
    }

    /// Waits until the other end is gone.
    pub(super) async fn ends(&mut self) {
        assert_eq!(self.stream.read(&mut [0]).await.unwrap_or(0), 0);
    }
}
