//! Batches for the tests of this crate, and the tests of reading them.

use super::*;

/// How a test's batch differs from a plain one.
#[derive(Clone, Debug)]
pub(crate) struct Sample<'a> {
    pub(crate) records: Vec<(Option<&'a str>, Option<&'a str>)>,
    pub(crate) timestamp: i64,
    pub(crate) producer: (i64, i16, i32),
    pub(crate) transactional: bool,
}

impl<'a> Sample<'a> {
    pub(crate) fn of(records: &[(Option<&'a str>, &'a str)]) -> Self {
        let records: Vec<_> = records.iter().map(|it| (it.0, Some(it.1))).collect();
        Self::with_deletions(&records)
    }

    pub(crate) fn with_deletions(records: &[(Option<&'a str>, Option<&'a str>)]) -> Self {
        Self {
            records: records.to_vec(),
            timestamp: 1_000,
            producer: (-1, -1, -1),
            transactional: false,
        }
    }

    pub(crate) fn build(self) -> Vec<u8> {
        let mut records = Vec::new();
        for (index, (key, value)) in (0_i64..).zip(&self.records) {
            let mut record = vec![0];
            put_varint(&mut record, index);
            put_varint(&mut record, index);
            put_text(&mut record, *key);
            put_text(&mut record, *value);
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

    let header = check_produced(&batch).unwrap();
    let mut heads = Vec::new();
    each_record(&header, &batch, |_, it| {
        heads.push((it.offset_delta, it.key.map(<[u8]>::to_vec), it.is_deletion));
    })
    .unwrap();

    assert_eq!(heads, [(0, Some(b"k".to_vec()), false), (1, None, false)]);
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

#[test]
fn a_part_of_the_records_makes_a_sound_batch() {
    for codec in 0..=4 {
        let plain = Sample::of(&[(Some("k"), "v"), (None, "w")]).build();
        let header = check_produced(&plain).unwrap();
        let header = BatchHeader {
            attributes: codec,
            ..header.at(100)
        };
        let packed = with_records(&header, 2, &plain[HEADER_LEN..]).unwrap();
        let header = BatchHeader::parse(&packed).unwrap();
        assert!(header.matches(&packed));
        let mut last = Vec::new();
        each_record(&header, &packed, |bytes, _| last = bytes.to_vec()).unwrap();

        let part = with_records(&header, 1, &last).unwrap();
        let nothing = with_records(&header, 0, &[]).unwrap();

        let part_header = BatchHeader::parse(&part).unwrap();
        assert!(part_header.matches(&part), "codec {codec}");
        assert_eq!(part_header.next_offset(), 102);
        let mut deltas = Vec::new();
        each_record(&part_header, &part, |_, it| deltas.push(it.offset_delta)).unwrap();
        assert_eq!(deltas, [1]);
        let empty = BatchHeader::parse(&nothing).unwrap();
        assert!(empty.matches(&nothing));
        assert_eq!((empty.next_offset(), nothing.len()), (102, HEADER_LEN));
    }
}

#[test]
fn records_that_do_not_fit_the_announced_number_are_an_error() {
    let batch = Sample::of(&[(Some("k"), "v"), (None, "w")]).build();
    let header = check_produced(&batch).unwrap();

    for count in [1, 3] {
        let wrong = BatchHeader { count, ..header };
        assert!(each_record(&wrong, &batch, |_, _| {}).is_err(), "{count}");
    }
    assert!(each_record(&header, &batch[..batch.len() - 1], |_, _| {}).is_err());
}
