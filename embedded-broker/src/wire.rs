//! Frames: a length, a header, a message.

use std::collections::VecDeque;
use std::io;

use bytes::{Buf, Bytes, BytesMut};
use kafka_protocol::messages::{ApiKey, RequestHeader, ResponseHeader};
use kafka_protocol::protocol::{Decodable, Encodable, StrBytes};
use tokio::io::{AsyncRead, AsyncReadExt};

pub(crate) mod shape;
pub(crate) mod writer;

/// The longest request with records, as Apache Kafka has it.
const MAX_PRODUCE_FRAME: usize = 100 * 1024 * 1024;
/// The longest other request. Decoded, many small elements take some thirty times their bytes.
const MAX_OTHER_FRAME: usize = 8 * 1024 * 1024;
/// As much as is set aside for a frame before its bytes have arrived.
const FIRST_RESERVE: usize = 1024 * 1024 + 64 * 1024;

/// As much is read at least, if it is there.
const SMALL_READ: usize = 4 * 1024;

/// Why a connection ends.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Hangup {
    /// The client went, or the network failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The client sent what is no request.
    #[error("{0}")]
    Nonsense(String),
    /// An answer could not be put into bytes.
    #[error("the answer to {api:?} version {version} cannot be encoded: {reason}")]
    Answer {
        api: ApiKey,
        version: i16,
        reason: String,
    },
}

impl Hangup {
    pub(crate) fn nonsense(what: impl Into<String>) -> Self {
        Self::Nonsense(what.into())
    }
}

/// Reads the next frame; `None` when the client has closed the connection between two.
pub(crate) async fn read_frame(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut BytesMut,
) -> Result<Option<Bytes>, Hangup> {
    let mut wanted = 4 + 2;
    loop {
        if buffer.len() >= 4 + 2 {
            let length = i32::from_be_bytes([buffer[0], buffer[1], buffer[2], buffer[3]]);
            let key = i16::from_be_bytes([buffer[4], buffer[5]]);
            wanted = 4 + frame_len(length, key)?;
            if buffer.len() >= wanted {
                let mut frame = buffer.split_to(wanted).freeze();
                frame.advance(4);
                return Ok(Some(frame));
            }
        }
        // What a length announces is not reserved before as much has really arrived.
        let missing = wanted - buffer.len();
        buffer.reserve(missing.clamp(SMALL_READ, FIRST_RESERVE.max(buffer.len())));
        if stream.read_buf(buffer).await? == 0 {
            if buffer.is_empty() {
                return Ok(None);
            }
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
    }
}

fn frame_len(length: i32, key: i16) -> Result<usize, Hangup> {
    let limit = match ApiKey::try_from(key) {
        Ok(ApiKey::Produce) => MAX_PRODUCE_FRAME,
        _ => MAX_OTHER_FRAME,
    };
    usize::try_from(length)
        .ok()
        .filter(|it| (2..=limit).contains(it))
        .ok_or_else(|| Hangup::nonsense(format!("a frame announces {length} bytes")))
}

/// A request whose message is not decoded yet.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) api: ApiKey,
    pub(crate) version: i16,
    pub(crate) correlation_id: i32,
    pub(crate) client_id: StrBytes,
    pub(crate) body: Bytes,
}

impl Incoming {
    /// Reads the header of a frame.
    pub(crate) fn parse(mut frame: Bytes) -> Result<Self, Hangup> {
        if frame.len() < 8 {
            return Err(Hangup::nonsense(
                "a frame is shorter than a request's header",
            ));
        }
        let key = i16::from_be_bytes([frame[0], frame[1]]);
        let version = i16::from_be_bytes([frame[2], frame[3]]);
        let api = ApiKey::try_from(key)
            .map_err(|()| Hangup::nonsense(format!("a request has the unknown key {key}")))?;
        // A version from the future has a header like the newest that is known.
        let header = RequestHeader::decode(&mut frame, api.request_header_version(version))
            .map_err(|error| Hangup::nonsense(format!("the header of a request: {error}")))?;
        Ok(Self {
            api,
            version,
            correlation_id: header.correlation_id,
            client_id: header.client_id.unwrap_or_default(),
            body: frame,
        })
    }
}

/// An answer, in pieces that go out one after the other.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pieces: VecDeque<Bytes>,
}

impl Answer {
    /// Puts a message into bytes.
    pub(crate) fn encode(
        api: ApiKey,
        version: i16,
        correlation_id: i32,
        message: &impl Encodable,
    ) -> Result<Self, Hangup> {
        let failed = |error: &dyn std::fmt::Display| Hangup::Answer {
            api,
            version,
            reason: error.to_string(),
        };
        let mut out = BytesMut::new();
        let header = ResponseHeader::default().with_correlation_id(correlation_id);
        header
            .encode(&mut out, api.response_header_version(version))
            .map_err(|error| failed(&error))?;
        message
            .encode(&mut out, version)
            .map_err(|error| failed(&error))?;
        Ok(Self::framed([out.freeze()].into()))
    }

    /// Puts the length in front of pieces that make a whole response.
    pub(crate) fn framed(mut pieces: VecDeque<Bytes>) -> Self {
        let length: usize = pieces.iter().map(Bytes::len).sum();
        let length = u32::try_from(length).expect("answers are limited to a few megabytes");
        pieces.push_front(Bytes::copy_from_slice(&length.to_be_bytes()));
        Self { pieces }
    }
}

impl Buf for Answer {
    fn remaining(&self) -> usize {
        self.pieces.iter().map(Bytes::len).sum()
    }

    fn chunk(&self) -> &[u8] {
        self.pieces.front().map_or(&[], |it| it)
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [io::IoSlice<'a>]) -> usize {
        let pairs = slices.iter_mut().zip(&self.pieces);
        pairs
            .map(|(slice, piece)| *slice = io::IoSlice::new(piece))
            .count()
    }

    fn advance(&mut self, mut count: usize) {
        while count > 0 {
            let front = self
                .pieces
                .front_mut()
                .expect("no more is taken than there is");
            let part = count.min(front.len());
            front.advance(part);
            count -= part;
            if front.is_empty() {
                self.pieces.pop_front();
            }
        }
    }
}

#[cfg(test)]
mod tests;
