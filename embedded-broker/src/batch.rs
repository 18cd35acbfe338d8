//! A batch of records as it travels and as it is stored.
//!
//! A batch stays the bytes that the producer sent. Only its base offset and its leader epoch are
//! written anew, which the checksum does not cover. It is opened only to look for keys and times.

use std::io;

use bytes::{Buf, BufMut};
use kafka_protocol::ResponseError;
use serde::{Deserialize, Serialize};

use codec::Codec;

pub(crate) use records::each_record;

mod codec;
mod records;

/// Bytes before the records.
pub(crate) const HEADER_LEN: usize = 61;
/// Bytes before what the length field counts.
const PREFIX_LEN: usize = 12;
/// Where the bytes begin that the checksum covers.
const CHECKED_FROM: usize = 21;
const MAGIC_AT: usize = 16;
const CURRENT_MAGIC: i8 = 2;

const COMPRESSION_MASK: i16 = 0x07;
const LOG_APPEND_TIME: i16 = 0x08;
const TRANSACTIONAL: i16 = 0x10;
const CONTROL: i16 = 0x20;

/// The leader epoch of every partition: there is one node and no election.
pub(crate) const LEADER_EPOCH: i32 = 0;

/// The header of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BatchHeader {
    pub(crate) base_offset: i64,
    length: i32,
    crc: u32,
    attributes: i16,
    last_offset_delta: i32,
    pub(crate) base_timestamp: i64,
    pub(crate) max_timestamp: i64,
    pub(crate) producer_id: i64,
    pub(crate) producer_epoch: i16,
    pub(crate) base_sequence: i32,
    count: i32,
}

impl BatchHeader {
    /// Reads a header; `None` when the bytes cannot begin a batch of the current format.
    pub(crate) fn parse(mut bytes: &[u8]) -> Option<Self> {
        if bytes.len() < HEADER_LEN {
            return None;
        }
        let base_offset = bytes.get_i64();
        let length = bytes.get_i32();
        let _leader_epoch = bytes.get_i32();
        if bytes.get_i8() != CURRENT_MAGIC || size_of_length(length)? < HEADER_LEN {
            return None;
        }
        Some(Self {
            base_offset,
            length,
            crc: bytes.get_u32(),
            attributes: bytes.get_i16(),
            last_offset_delta: bytes.get_i32(),
            base_timestamp: bytes.get_i64(),
            max_timestamp: bytes.get_i64(),
            producer_id: bytes.get_i64(),
            producer_epoch: bytes.get_i16(),
            base_sequence: bytes.get_i32(),
            count: bytes.get_i32(),
        })
    }

    /// The bytes of the header, with a checksum still to be written.
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.size());
        out.put_i64(self.base_offset);
        out.put_i32(self.length);
        out.put_i32(LEADER_EPOCH);
        out.put_i8(CURRENT_MAGIC);
        out.put_u32(self.crc);
        out.put_i16(self.attributes);
        out.put_i32(self.last_offset_delta);
        out.put_i64(self.base_timestamp);
        out.put_i64(self.max_timestamp);
        out.put_i64(self.producer_id);
        out.put_i16(self.producer_epoch);
        out.put_i32(self.base_sequence);
        out.put_i32(self.count);
        out
    }

    /// How many records there are.
    pub(crate) fn count(&self) -> i32 {
        self.count
    }

    /// The header as it is stored.
    pub(crate) fn at(self, base_offset: i64) -> Self {
        Self {
            base_offset,
            ..self
        }
    }

    /// Size of the whole batch.
    pub(crate) fn size(&self) -> usize {
        size_of_length(self.length).expect("the length was checked when the header was read")
    }

    /// The offset after the batch's last one.
    pub(crate) fn next_offset(&self) -> i64 {
        self.base_offset
            .saturating_add(i64::from(self.last_offset_delta))
            .saturating_add(1)
    }

    /// How many offsets the batch takes.
    pub(crate) fn offset_count(&self) -> i64 {
        i64::from(self.last_offset_delta) + 1
    }

    pub(crate) fn last_offset_delta(&self) -> i32 {
        self.last_offset_delta
    }

    pub(crate) fn is_transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL != 0
    }

    /// Whether the batch comes from an idempotent producer.
    pub(crate) fn has_producer(&self) -> bool {
        self.producer_id >= 0
    }

    pub(crate) fn has_log_append_time(&self) -> bool {
        self.attributes & LOG_APPEND_TIME != 0
    }

    /// Whether the batch is a marker, which the broker wrote.
    pub(crate) fn is_control(&self) -> bool {
        self.attributes & CONTROL != 0
    }

    /// Whether the checksum fits; `batch` is the whole batch.
    pub(crate) fn matches(&self, batch: &[u8]) -> bool {
        batch.len() == self.size() && crc32c::crc32c(&batch[CHECKED_FROM..]) == self.crc
    }
}

fn size_of_length(length: i32) -> Option<usize> {
    usize::try_from(length).ok()?.checked_add(PREFIX_LEN)
}

/// Checks what a producer sent for one partition: exactly one sound batch of the current format.
///
/// # Errors
/// The error of the protocol, and a sentence for the client.
pub(crate) fn check_produced(bytes: &[u8]) -> Result<BatchHeader, (ResponseError, &'static str)> {
    if bytes.len() < HEADER_LEN {
        return Err((ResponseError::CorruptMessage, "the batch is cut off"));
    }
    if bytes[MAGIC_AT] != CURRENT_MAGIC.unsigned_abs() {
        let reason = "only record batches of message format 2 are accepted";
        return Err((ResponseError::UnsupportedForMessageFormat, reason));
    }
    let header = BatchHeader::parse(bytes);
    let header = header.ok_or((
        ResponseError::CorruptMessage,
        "the batch has a wrong length",
    ))?;
    if header.size() > bytes.len() {
        return Err((ResponseError::CorruptMessage, "the batch is cut off"));
    }
    if header.size() < bytes.len() {
        let reason = "a produce request must hold exactly one batch for each partition";
        return Err((ResponseError::InvalidRecord, reason));
    }
    if !header.matches(bytes) {
        return Err((ResponseError::CorruptMessage, "the checksum does not fit"));
    }
    let offsets = header.offset_count();
    if header.count <= 0 || offsets != i64::from(header.count) {
        let reason = "the number of records does not fit the offsets of the batch";
        return Err((ResponseError::InvalidRecord, reason));
    }
    if header.has_producer() && header.base_sequence < 0 {
        let reason = "the batch of an idempotent producer has no sequence number";
        return Err((ResponseError::InvalidRecord, reason));
    }
    if header.is_transactional() && !header.has_producer() {
        let reason = "a transactional batch has no producer";
        return Err((ResponseError::InvalidRecord, reason));
    }
    if header.is_control() {
        let reason = "clients may not write control batches";
        return Err((ResponseError::InvalidRecord, reason));
    }
    Ok(header)
}

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Its records do not count.
    Abort,
    /// Its records count.
    Commit,
}

/// Bytes of a marker's record, with the outcome at [`OUTCOME_AT`].
const MARKER_RECORD: [u8; 17] = [32, 0, 0, 0, 8, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0];
/// The last byte of the key: 0 for an abort, 1 for a commit.
const OUTCOME_AT: usize = 8;

/// The batch that ends a transaction in a partition. Its offset is written when it is stored.
pub(crate) fn marker(outcome: Outcome, producer_id: i64, producer_epoch: i16, now: i64) -> Vec<u8> {
    let mut record = MARKER_RECORD;
    record[OUTCOME_AT] = match outcome {
        Outcome::Abort => 0,
        Outcome::Commit => 1,
    };
    let length = HEADER_LEN - PREFIX_LEN + record.len();
    let header = BatchHeader {
        base_offset: 0,
        length: i32::try_from(length).expect("a marker is small"),
        crc: 0,
        attributes: TRANSACTIONAL | CONTROL,
        last_offset_delta: 0,
        base_timestamp: now,
        max_timestamp: now,
        producer_id,
        producer_epoch,
        base_sequence: -1,
        count: 1,
    };
    let mut batch = header.encode();
    batch.extend(record);
    seal(&mut batch);
    batch
}

/// How the marker in a control batch says that the transaction ended.
pub(crate) fn outcome(batch: &[u8]) -> Option<Outcome> {
    match batch.get(HEADER_LEN + OUTCOME_AT - 1..=HEADER_LEN + OUTCOME_AT)? {
        [0, 0] => Some(Outcome::Abort),
        [0, 1] => Some(Outcome::Commit),
        _ => None,
    }
}

/// Writes the checksum of a batch that is complete but for it.
fn seal(batch: &mut [u8]) {
    let crc = crc32c::crc32c(&batch[CHECKED_FROM..]);
    batch[CHECKED_FROM - 4..CHECKED_FROM].copy_from_slice(&crc.to_be_bytes());
}

/// The bytes in front of a stored batch's magic byte.
pub(crate) fn stored_prefix(header: &BatchHeader, base_offset: i64) -> [u8; MAGIC_AT] {
    let mut prefix = [0; MAGIC_AT];
    prefix[..8].copy_from_slice(&base_offset.to_be_bytes());
    prefix[8..12].copy_from_slice(&header.length.to_be_bytes());
    prefix[12..].copy_from_slice(&LEADER_EPOCH.to_be_bytes());
    prefix
}

/// What follows [`stored_prefix`] in a stored batch.
pub(crate) fn stored_rest(batch: &[u8]) -> &[u8] {
    &batch[MAGIC_AT..]
}

/// A copy of a batch that bears the time of its arrival.
pub(crate) fn with_append_time(batch: &[u8], header: &BatchHeader, now: i64) -> Vec<u8> {
    let mut stamped = batch.to_vec();
    let attributes = header.attributes | LOG_APPEND_TIME;
    stamped[21..23].copy_from_slice(&attributes.to_be_bytes());
    stamped[35..43].copy_from_slice(&now.to_be_bytes());
    seal(&mut stamped);
    stamped
}

/// A batch with some of its records: those whose bytes are given. Offsets, times and the producer
/// stay.
pub(crate) fn with_records(header: &BatchHeader, count: i32, kept: &[u8]) -> io::Result<Vec<u8>> {
    let codec = match count {
        0 => Codec::Plain,
        _ => Codec::of(header.attributes).unwrap_or(Codec::Plain),
    };
    let records = codec.pack(kept)?;
    let attributes = match count {
        0 => header.attributes & !COMPRESSION_MASK,
        _ => header.attributes,
    };
    let length = i32::try_from(HEADER_LEN - PREFIX_LEN + records.len());
    let header = BatchHeader {
        length: length.map_err(io::Error::other)?,
        attributes,
        count,
        ..*header
    };
    let mut batch = header.encode();
    batch.extend(records);
    seal(&mut batch);
    Ok(batch)
}

/// A signed number in the records' variable-length encoding.
fn varint(bytes: &mut &[u8]) -> Option<i64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = bytes.try_get_u8().ok()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            let magnitude = (value >> 1).cast_signed();
            return Some(magnitude ^ -(value & 1).cast_signed());
        }
    }
    None
}

#[cfg(test)]
pub(crate) mod tests;
