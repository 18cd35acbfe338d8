//! Batches for the tests of this crate, and the tests of reading them.

use super::*;

/// How a test's batch differs from a plain one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample<'a> {
    pub(crate) records: &'a [(Option<&'a str>, &'a str)],
    pub(crate) timestamp: i64,
    pub(crate) producer: (i64, i16, i32),
    pub(crate) transactional: bool,
}

impl<'a> Sample<'a> {
    pub(crate) fn of(records: &'a [(Option<&'a str>, &'a str)]) -> Self {
        Self {
            records,
            timestamp: 1_000,
            producer: (-1, -1, -1),
            transactional: false,
        }
    }

    pub(crate) fn build(self) -> Vec<u8> {
        let mut records = Vec::new();
        for (index, (key, value)) in (0_i64..).zip(self.records) {
            let mut record = vec![0];
            put_varint(&mut record, index);
            put_varint(&mut record, index);
            put_text(&mut record, *key);
            put_text(&mut record, Some(value));
            put_varint(&mut record, 0);
            put_varint(&mut records, i64::try_from(record.len()).unwrap());
            records.extend(record);
        }
        let count = i32::try_from(self.records.len()).unwrap();
        let mut checked = Vec::new();
        let attributes = if self.transactional { TRANSACTIONAL } else { 0 };
        checked.extend(attributes.to_be_bytes());
        checked.extend((count - 1).to_be_bytes());
        checked.extend(self.timestamp.to_be_bytes());
        checked.extend((self.timestamp + i64::from(count) - 1).to_be_bytes());
        checked.extend(self.producer.0.to_be_bytes());
        checked.extend(self.producer.1.to_be_bytes());
        checked.extend(self.producer.2.to_be_bytes());
        checked.extend(count.to_be_bytes());
        checked.extend(records);

        let mut batch = Vec::new();
        batch.extend(0_i64.to_be_bytes());
        batch.extend(i32::try_from(checked.len() + 9).unwrap().to_be_bytes());
        batch.extend((-1_i32).to_be_bytes());
        batch.push(2);
        batch.extend(crc32c::crc32c(&checked).to_be_bytes());
        batch.extend(checked);
        batch
    }
}

fn put_text(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        None => put_varint(out, -1),
        Some(text) => {
            put_varint(out, i64::try_from(text.len()).unwrap());
            out.extend(text.as_bytes());
        }
    }
}

fn put_varint(out: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while rest >= 0x80 {
        out.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
        rest >>= 7;
    }
    out.push(u8::try_from(rest).unwrap());
}

#[test]
fn a_sound_batch_is_accepted() {
    let batch = Sample::of(&[(Some("k"), "v"), (None, "w")]).build();

    let header = check_produced(&batch).unwrap();

    assert_eq!(header.size(), batch.len());
    assert_eq!(header.offset_count(), 2);
    assert_eq!(
        (header.base_timestamp, header.max_timestamp),
        (1_000, 1_001)
    );
}

#[test]
fn every_cut_and_every_flipped_byte_is_refused() {
    let batch = Sample::of(&[(Some("k"), "v")]).build();

    for length in 0..batch.len() {
        assert!(check_produced(&batch[..length]).is_err(), "cut to {length}");
    }
    // The base offset and the leader epoch are the broker's own and not covered.
    for position in (8..12).chain(16..batch.len()) {
        let mut flipped = batch.clone();
        flipped[position] ^= 0x55;
        assert!(check_produced(&flipped).is_err(), "flipped {position}");
    }
}

#[test]
fn two_batches_for_one_partition_are_refused() {
    let mut twice = Sample::of(&[(None, "v")]).build();
    twice.extend(twice.clone());

    let refused = check_produced(&twice).unwrap_err();

    assert_eq!(refused.0, ResponseError::InvalidRecord);
}

#[test]
fn the_records_of_a_batch_can_be_walked() {
    let batch = Sample::of(&[(Some("k"), "v"), (None, "w")]).build();

    let heads: Vec<_> = records(&batch)
        .map(|it| (it.offset_delta, it.key))
        .collect();

    assert_eq!(heads, [(0, Some(&b"k"[..])), (1, None)]);
}

#[test]
fn the_time_of_arrival_leaves_a_sound_batch() {
    let batch = Sample::of(&[(None, "v")]).build();
    let header = check_produced(&batch).unwrap();

    let stamped = with_append_time(&batch, &header, 77);

    let header = check_produced(&stamped).unwrap();
    assert!(header.has_log_append_time());
    assert_eq!(header.max_timestamp, 77);
}

#[test]
fn a_marker_says_how_the_transaction_ended() {
    for ended in [Outcome::Abort, Outcome::Commit] {
        let batch = marker(ended, 7, 3, 1_000);

        let header = BatchHeader::parse(&batch).unwrap();
        assert!(header.matches(&batch) && header.is_control() && header.is_transactional());
        assert_eq!((header.producer_id, header.producer_epoch), (7, 3));
        assert_eq!(header.offset_count(), 1);
        assert_eq!(outcome(&batch), Some(ended));
    }
}
