//! Tests of the log on real files: what a crash leaves, what damage looks like, what goes first.

use tempfile::TempDir;

use super::*;
use crate::batch::check_produced;
use crate::batch::tests::Sample;
use crate::error::BrokerError;

const ROLLING: Rolling = Rolling {
    bytes: 1_000,
    age_ms: i64::MAX,
};

struct Fixture {
    dir: TempDir,
    log: Log,
}

impl Fixture {
    /// A log with so many batches of two records each, at the times 0, 10, 20, …
    fn with_batches(count: i64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let log = Log::open(dir.path().to_owned(), 0).unwrap();
        let mut fixture = Self { dir, log };
        for index in 0..count {
            fixture.append(index * 10);
        }
        fixture
    }

    fn append(&mut self, timestamp: i64) {
        let text = "x".repeat(100);
        let records = [(None, text.as_str()), (None, text.as_str())];
        let sample = Sample {
            timestamp,
            ..Sample::of(&records)
        };
        let batch = sample.build();
        let header = check_produced(&batch).unwrap();
        let offset = self.log.next_offset();
        let appended = self.log.append(&header, &batch, ROLLING, 0).unwrap();
        assert_eq!(appended, Appended::At(offset));
    }

    /// Appends one record of a producer.
    fn append_as(&mut self, producer: (i64, i16, i32), transactional: bool) -> Appended {
        let sample = Sample {
            producer,
            transactional,
            ..Sample::of(&[(None, "v")])
        };
        let batch = sample.build();
        let header = check_produced(&batch).unwrap();
        self.log.append(&header, &batch, ROLLING, 0).unwrap()
    }

    fn end(&mut self, outcome: Outcome, producer_id: i64) {
        let producer = (producer_id, 0);
        let log = &mut self.log;
        log.append_marker(outcome, producer, ROLLING, 0).unwrap();
    }

    fn checkpoint(&mut self) {
        let checkpoint = self.log.begin_checkpoint().unwrap();
        checkpoint.sync().unwrap();
        self.log.end_checkpoint(checkpoint).unwrap();
    }

    fn reopen(&mut self) {
        self.log = self.try_reopen().unwrap();
    }

    fn try_reopen(&self) -> Result<Log, BrokerError> {
        Log::open(self.dir.path().to_owned(), 0)
    }

    /// The base offsets of the batches that reads from an offset find.
    fn read_all(&mut self, mut offset: i64) -> Vec<i64> {
        let mut bases = Vec::new();
        loop {
            let mut out = Vec::new();
            let range = Range {
                offset,
                until: self.log.next_offset(),
                max_bytes: 700,
                at_least_one: true,
            };
            self.log.read(range, &mut out).unwrap();
            if out.is_empty() {
                return bases;
            }
            let mut rest = out.as_slice();
            while let Some(header) = BatchHeader::parse(rest) {
                assert!(header.matches(&rest[..header.size()]));
                bases.push(header.base_offset);
                offset = header.next_offset();
                rest = &rest[header.size()..];
            }
            assert!(rest.is_empty());
        }
    }

    fn files(&self, extension: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.dir.path()).unwrap();
        let mut files: Vec<_> = entries
            .map(|it| it.unwrap().path())
            .filter(|it| it.extension().is_some_and(|it| it == extension))
            .collect();
        files.sort();
        files
    }
}

fn evens(range: std::ops::Range<i64>) -> Vec<i64> {
    range.filter(|it| it % 2 == 0).collect()
}

#[test]
fn records_are_read_from_every_offset_over_all_segments() {
    let mut fixture = Fixture::with_batches(20);
    assert!(fixture.files("log").len() > 3);

    for offset in 0..40 {
        let first = offset - offset % 2;
        assert_eq!(fixture.read_all(offset), evens(first..40), "from {offset}");
    }
    assert!(fixture.read_all(40).is_empty());
}

#[test]
fn a_log_is_the_same_after_it_was_opened_again() {
    let mut fixture = Fixture::with_batches(20);

    fixture.reopen();
    assert_eq!(fixture.log.next_offset(), 40);
    fixture.append(0);

    assert_eq!(fixture.read_all(0), evens(0..42));
}

#[test]
fn every_torn_end_is_cut_off() {
    let mut fixture = Fixture::with_batches(3);
    let file = fixture.files("log").pop().unwrap();
    let bytes = fs::read(&file).unwrap();
    let batch = bytes.len() / 3;

    for length in 2 * batch..bytes.len() {
        fs::write(&file, &bytes[..length]).unwrap();
        fixture.reopen();
        assert_eq!(fixture.log.next_offset(), 4, "cut to {length}");
        assert_eq!(fs::read(&file).unwrap(), bytes[..2 * batch]);
        fixture.append(0);
        assert_eq!(fixture.read_all(0), [0, 2, 4]);
        fixture.log = Log::open(tempfile::tempdir().unwrap().path().to_owned(), 0).unwrap();
    }
}

#[test]
fn appended_rubbish_is_cut_off() {
    let mut fixture = Fixture::with_batches(3);
    let file = fixture.files("log").pop().unwrap();
    let bytes = fs::read(&file).unwrap();
    let rubbish: Vec<u8> = (0..5_000_u32)
        .map(|it| (it * 31 % 251).to_le_bytes()[0])
        .collect();
    fs::write(&file, [&bytes[..], &rubbish].concat()).unwrap();

    fixture.reopen();

    assert_eq!(fs::read(&file).unwrap(), bytes);
    assert_eq!(fixture.read_all(0), [0, 2, 4]);
}

#[test]
fn damage_before_the_end_is_an_error_that_names_the_place() {
    let fixture = Fixture::with_batches(3);
    let file = fixture.files("log").pop().unwrap();
    let bytes = fs::read(&file).unwrap();
    let batch = bytes.len() / 3;

    // The offset, the length, the format, the checksum, the records.
    for within in [0, 5, 7, 8, 9, 11, 16, 17, 60, batch - 1] {
        let mut damaged = bytes.clone();
        damaged[batch + within] ^= 0x80;
        fs::write(&file, &damaged).unwrap();

        let error = fixture.try_reopen().unwrap_err();

        let BrokerError::Damaged {
            file: named,
            position,
            ..
        } = &error
        else {
            panic!("byte {within}: {error}");
        };
        assert_eq!((named, *position), (&file, batch as u64), "byte {within}");
        assert_eq!(fs::read(&file).unwrap(), damaged);
    }
}

#[test]
fn damage_in_the_last_batch_is_cut_off_unless_it_was_on_the_disk() {
    let mut fixture = Fixture::with_batches(3);
    let file = fixture.files("log").pop().unwrap();
    let sound = fs::read(&file).unwrap();
    let mut damaged = sound.clone();
    let last = damaged.len() - 1;
    damaged[last] ^= 0x80;
    fs::write(&file, &damaged).unwrap();
    fixture.reopen();
    assert_eq!(fixture.read_all(0), [0, 2]);

    fs::write(&file, &sound).unwrap();
    fixture.reopen();
    fixture.checkpoint();
    for wrong in [&damaged[..], &sound[..last]] {
        fs::write(&file, wrong).unwrap();
        let opened = fixture.try_reopen();
        let is_error = matches!(opened, Err(BrokerError::Damaged { .. }));
        // What is covered is not read at the start: a wrong byte in it is found by who reads it.
        assert_eq!(is_error, wrong.len() < sound.len());
        assert_eq!(fs::read(&file).unwrap(), wrong);
    }
}

#[test]
fn a_tail_of_zeros_is_cut_off() {
    let mut fixture = Fixture::with_batches(3);
    let file = fixture.files("log").pop().unwrap();
    let sound = fs::read(&file).unwrap();
    fs::write(&file, [&sound[..], &[0; 4096]].concat()).unwrap();

    fixture.reopen();

    assert_eq!(fs::read(&file).unwrap(), sound);
}

#[test]
fn a_start_reads_only_what_no_index_covers() {
    let mut fixture = Fixture::with_batches(2);
    fixture.checkpoint();
    fixture.append(30);
    let file = fixture.files("log").pop().unwrap();
    let mut bytes = fs::read(&file).unwrap();
    // Covered: not looked at. The offset is one that no scan would let pass.
    bytes[7] = 99;
    fs::write(&file, &bytes).unwrap();

    fixture.reopen();

    assert_eq!(fixture.log.next_offset(), 6);
    assert!(!fixture.log.wants_checkpoint());
}

#[test]
fn a_sealed_segment_that_was_cut_is_an_error() {
    let fixture = Fixture::with_batches(20);
    let first = fixture.files("log").remove(0);
    let bytes = fs::read(&first).unwrap();
    fs::write(&first, &bytes[..bytes.len() - 1]).unwrap();

    let error = fixture.try_reopen().unwrap_err().to_string();

    assert!(
        error.contains("00000000000000000000.log: damaged at byte"),
        "{error}"
    );
    assert_eq!(fs::read(&first).unwrap().len(), bytes.len() - 1);
}

#[test]
fn a_missing_segment_is_an_error() {
    let fixture = Fixture::with_batches(20);
    let mut segments = fixture.files("log");
    fs::remove_file(segments.remove(1)).unwrap();

    let error = fixture.try_reopen().unwrap_err().to_string();

    let behind = segments[1].display();
    assert!(error.starts_with(&format!("{behind}: damaged")), "{error}");
}

#[test]
fn offsets_go_on_behind_a_deleted_end_that_is_lost() {
    let mut fixture = Fixture::with_batches(3);
    let dir = fixture.dir.path().to_owned();

    fixture.log = Log::open(dir.clone(), 50).unwrap();
    fixture.append(0);
    fixture.log = Log::open(dir, 50).unwrap();

    assert_eq!(fixture.log.start_offset(), 50);
    assert_eq!(fixture.read_all(50), [50]);
}

#[test]
fn a_lost_index_is_made_anew() {
    let mut fixture = Fixture::with_batches(20);
    assert!(fixture.files("index").is_empty());
    fixture.checkpoint();
    let index = fixture.files("index").remove(0);
    let bytes = fs::read(&index).unwrap();
    fs::remove_file(&index).unwrap();

    fixture.reopen();

    assert_eq!(fs::read(&index).unwrap(), bytes);
    assert_eq!(fixture.read_all(0), evens(0..40));
}

#[test]
fn producers_are_known_after_all_their_segments_were_sealed() {
    let mut fixture = Fixture::with_batches(0);
    assert_eq!(fixture.append_as((5, 0, 0), false), Appended::At(0));
    for index in 0..20 {
        fixture.append(index);
    }

    fixture.reopen();
    assert_eq!(fixture.append_as((5, 0, 0), false), Appended::Again(0));
    fixture.checkpoint();
    fixture.reopen();
    assert_eq!(fixture.append_as((5, 0, 0), false), Appended::Again(0));
}

#[test]
fn transactions_are_known_again_with_and_without_indexes() {
    let mut fixture = Fixture::with_batches(1);
    fixture.append_as((5, 0, 0), true);
    fixture.append_as((6, 0, 0), true);
    fixture.end(Outcome::Abort, 5);
    for _ in 0..20 {
        fixture.append(0);
    }
    fixture.append_as((5, 0, 1), true);

    let check = |log: &Log| {
        assert_eq!(log.stable_offset(), 3);
        assert_eq!(log.open_transactions(), [(6, 0), (5, 0)]);
        let aborted = Aborted {
            producer_id: 5,
            first_offset: 2,
            marker_offset: 4,
        };
        assert_eq!(log.aborted(0, 3), [aborted]);
        assert_eq!(log.aborted(4, 10), [aborted]);
        assert_eq!(log.aborted(0, 2), []);
        assert_eq!(log.aborted(5, 10), []);
    };
    check(&fixture.log);
    fixture.reopen();
    check(&fixture.log);
    fixture.checkpoint();
    fixture.reopen();
    check(&fixture.log);

    fixture.end(Outcome::Commit, 6);
    assert_eq!(fixture.log.stable_offset(), 45);
    fixture.end(Outcome::Commit, 5);
    assert_eq!(fixture.log.stable_offset(), fixture.log.next_offset());
}

#[test]
fn nothing_is_available_behind_the_end_that_is_wanted() {
    let mut fixture = Fixture::with_batches(2);

    assert_eq!(fixture.log.available(0, 0, 9).unwrap(), 0);
    assert_eq!(fixture.log.available(2, 2, 9).unwrap(), 0);
    assert_eq!(fixture.log.available(1, 2, 9).unwrap(), 9);
    let range = Range {
        offset: 0,
        until: 2,
        max_bytes: 10_000,
        at_least_one: true,
    };
    let mut out = Vec::new();
    assert_eq!(fixture.log.read(range, &mut out).unwrap(), 2);
    assert_eq!(out.len() as u64, fixture.log.size() / 2);
}

#[test]
fn times_lead_to_offsets() {
    let mut fixture = Fixture::with_batches(20);

    assert_eq!(fixture.log.offset_of_time(0).unwrap(), Some((0, 0)));
    assert_eq!(fixture.log.offset_of_time(1).unwrap(), Some((1, 1)));
    assert_eq!(fixture.log.offset_of_time(2).unwrap(), Some((2, 10)));
    assert_eq!(fixture.log.offset_of_time(150).unwrap(), Some((30, 150)));
    assert_eq!(fixture.log.offset_of_time(192).unwrap(), None);
    assert_eq!(fixture.log.offset_of_newest().unwrap(), Some((39, 191)));
}

#[test]
fn deleted_records_stay_deleted_and_their_files_go() {
    let mut fixture = Fixture::with_batches(20);
    let before = fixture.files("log").len();

    fixture.log.delete_before(21).unwrap();

    assert!(fixture.files("log").len() < before);
    assert_eq!(fixture.log.start_offset(), 21);
    assert_eq!(fixture.read_all(21), evens(20..40));
    assert_eq!(fixture.log.offset_of_time(0).unwrap(), Some((21, 101)));
}

#[test]
fn old_segments_go_and_the_offsets_go_on() {
    let mut fixture = Fixture::with_batches(20);
    let retention = Retention {
        age_ms: Some(100),
        bytes: None,
    };

    assert!(fixture.log.retain(retention, 200).unwrap());
    let start = fixture.log.start_offset();
    assert!((2..=20).contains(&start), "{start}");
    assert!(fixture.log.retain(retention, 10_000).unwrap());
    assert_eq!(fixture.log.start_offset(), 40);
    fixture.reopen();

    assert_eq!(fixture.log.start_offset(), 40);
    assert_eq!(fixture.log.next_offset(), 40);
    fixture.append(0);
    assert_eq!(fixture.read_all(40), [40]);
}

#[test]
fn a_log_keeps_at_least_the_bytes_it_may_keep() {
    let mut fixture = Fixture::with_batches(20);
    let retention = Retention {
        age_ms: None,
        bytes: Some(2_000),
    };

    assert!(fixture.log.retain(retention, 0).unwrap());

    let size = fixture.log.size();
    assert!((2_000..3_000).contains(&size), "{size}");
    assert!(!fixture.log.retain(retention, 0).unwrap());
}

#[test]
fn available_bytes_are_those_that_can_be_read() {
    let mut fixture = Fixture::with_batches(20);
    let size = fixture.log.size();

    assert_eq!(fixture.log.available(0, 40, u64::MAX).unwrap(), size);
    assert_eq!(fixture.log.available(1, 40, u64::MAX).unwrap(), size);
    assert_eq!(fixture.log.available(20, 40, u64::MAX).unwrap(), size / 2);
    assert_eq!(fixture.log.available(38, 40, u64::MAX).unwrap(), size / 20);
    assert_eq!(fixture.log.available(40, 40, u64::MAX).unwrap(), 0);
    assert_eq!(fixture.log.available(0, 40, 5).unwrap(), 5);
}
