//! The records of a batch, compressed or not, one after the other.

use std::io::{self, Read};

use bytes::Buf;

use super::codec::Codec;
use super::{BatchHeader, HEADER_LEN, varint};

/// A batch that takes more than this when it is opened is not opened.
const MAX_UNPACKED: u64 = 128 * 1024 * 1024;

/// One record, as far as the broker looks into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordHead<'a> {
    pub(crate) offset_delta: i64,
    pub(crate) timestamp_delta: i64,
    pub(crate) key: Option<&'a [u8]>,
    /// Whether the record has no value, and so deletes its key.
    pub(crate) is_deletion: bool,
}

impl<'a> RecordHead<'a> {
    /// Reads a record behind its length; `None` where it makes no sense.
    fn parse(mut record: &'a [u8]) -> Option<Self> {
        let _attributes = record.try_get_i8().ok()?;
        let timestamp_delta = varint(&mut record)?;
        let offset_delta = varint(&mut record)?;
        let key = match varint(&mut record)? {
            ..0 => None,
            length => {
                let (key, rest) = record.split_at_checked(usize::try_from(length).ok()?)?;
                record = rest;
                Some(key)
            }
        };
        Some(Self {
            offset_delta,
            timestamp_delta,
            key,
            is_deletion: varint(&mut record)? < 0,
        })
    }
}

/// Shows the records of a whole batch: each with all its bytes, its length in front.
///
/// # Errors
/// When the batch cannot be decompressed, or holds not exactly the records that it announces.
pub(crate) fn each_record(
    header: &BatchHeader,
    batch: &[u8],
    mut visit: impl FnMut(&[u8], RecordHead<'_>),
) -> io::Result<()> {
    let invalid = |text| io::Error::new(io::ErrorKind::InvalidData, text);
    let codec = Codec::of(header.attributes).ok_or_else(|| invalid("unknown compression"))?;
    let payload = batch.get(HEADER_LEN..).unwrap_or_default();
    let mut reader = io::BufReader::new(codec.reader(payload)?.take(MAX_UNPACKED));
    let mut bytes = Vec::new();
    for _ in 0..header.count {
        bytes.clear();
        let length = read_length(&mut reader, &mut bytes)?;
        let from = bytes.len();
        let mut body = Read::by_ref(&mut reader).take(length);
        if body.read_to_end(&mut bytes)? as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let head = RecordHead::parse(&bytes[from..]);
        visit(&bytes, head.ok_or_else(|| invalid("a record is cut off"))?);
    }
    match reader.read(&mut [0])? {
        0 => Ok(()),
        _ => Err(invalid("there are more records than the batch announces")),
    }
}

/// Reads the length of a record, and keeps the bytes that it consists of.
fn read_length(reader: &mut impl Read, bytes: &mut Vec<u8>) -> io::Result<u64> {
    let invalid = || io::Error::new(io::ErrorKind::InvalidData, "a record has no length");
    loop {
        let mut byte = [0];
        reader.read_exact(&mut byte)?;
        bytes.push(byte[0]);
        if byte[0] < 0x80 {
            break;
        }
        if bytes.len() > 9 {
            return Err(invalid());
        }
    }
    let length = varint(&mut bytes.as_slice()).ok_or_else(invalid)?;
    u64::try_from(length).map_err(|_| invalid())
}
