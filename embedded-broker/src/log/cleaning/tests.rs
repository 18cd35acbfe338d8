//! Compaction of real files: what stays, what goes and when, and what a crash leaves.

use std::collections::BTreeMap;

use kafka_protocol::ResponseError;

use super::*;
use crate::batch::tests::Sample;
use crate::batch::{BatchHeader, Outcome, check_produced, each_record};
use crate::log::{Appended, Range, Rolling};

const RULES: CleaningRules = CleaningRules {
    min_lag_ms: 0,
    max_lag_ms: i64::MAX,
    delete_retention_ms: 800,
    dirty_ratio: 0.0,
    segment_bytes: 1_000_000,
};
const NOW: i64 = 10_000;
/// When the deletions that were compacted at [`NOW`] may go.
const LATER: i64 = NOW + 1_000;
const NOBODY: (i64, i16, i32) = (-1, -1, -1);

struct Fixture {
    dir: tempfile::TempDir,
    log: Log,
}

impl Fixture {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let log = Log::open(dir.path().to_owned(), 0).unwrap();
        Self { dir, log }
    }

    fn reopen(&mut self) {
        self.log = Log::open(self.dir.path().to_owned(), 0).unwrap();
    }

    /// Appends records; no value is a deletion.
    fn append(&mut self, records: &[(&str, Option<&str>)]) {
        self.append_as(NOBODY, false, records);
    }

    fn append_as(
        &mut self,
        producer: (i64, i16, i32),
        transactional: bool,
        records: &[(&str, Option<&str>)],
    ) -> Appended {
        let records: Vec<_> = records.iter().map(|it| (Some(it.0), it.1)).collect();
        let batch = Sample {
            producer,
            transactional,
            ..Sample::with_deletions(&records)
        }
        .build();
        let header = check_produced(&batch).unwrap();
        let rolling = Rolling {
            bytes: u64::MAX,
            age_ms: i64::MAX,
        };
        self.log.append(&header, &batch, rolling, 0).unwrap()
    }

    fn end(&mut self, outcome: Outcome, producer_id: i64) {
        let rolling = Rolling {
            bytes: u64::MAX,
            age_ms: i64::MAX,
        };
        let log = &mut self.log;
        log.append_marker(outcome, (producer_id, 0), rolling, 0)
            .unwrap();
    }

    /// Begins a new segment, and puts the one before on the disk.
    fn roll(&mut self) {
        self.log.roll(0).unwrap();
        let checkpoint = self.log.begin_checkpoint().unwrap();
        checkpoint.sync().unwrap();
        self.log.end_checkpoint(checkpoint).unwrap();
    }

    fn clean(&mut self, now: i64) -> bool {
        let Some(cleaning) = self.log.plan_cleaning(RULES, now) else {
            return false;
        };
        let replacement = cleaning.run(&|| false).unwrap();
        self.log.accept(replacement).unwrap()
    }

    /// The headers of all batches, and the records in them by offset.
    fn read(&mut self) -> (Vec<BatchHeader>, BTreeMap<i64, String>) {
        let mut headers = Vec::new();
        let mut records = BTreeMap::new();
        let mut offset = 0;
        loop {
            let mut out = Vec::new();
            let range = Range {
                offset,
                until: self.log.next_offset(),
                max_bytes: 1_000_000,
                at_least_one: true,
            };
            offset = self.log.read(range, &mut out).unwrap();
            if out.is_empty() {
                return (headers, records);
            }
            let mut rest = out.as_slice();
            while let Some(header) = BatchHeader::parse(rest) {
                let batch = &rest[..header.size()];
                assert!(header.matches(batch));
                if !header.is_control() {
                    each_record(&header, batch, |bytes, it| {
                        let text = String::from_utf8_lossy(bytes);
                        let text: String = text.chars().filter(char::is_ascii_lowercase).collect();
                        records.insert(header.base_offset + it.offset_delta, text);
                    })
                    .unwrap();
                }
                headers.push(header);
                rest = &rest[header.size()..];
            }
        }
    }

    fn records(&mut self) -> Vec<(i64, String)> {
        self.read().1.into_iter().collect()
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

fn expected(records: &[(i64, &str)]) -> Vec<(i64, String)> {
    records.iter().map(|it| (it.0, it.1.to_owned())).collect()
}

/// Two segments of changes and one that grows.
fn with_changes() -> Fixture {
    let mut fixture = Fixture::new();
    fixture.append(&[("a", Some("one")), ("b", Some("one"))]);
    fixture.append(&[("a", Some("two")), ("c", Some("one"))]);
    fixture.roll();
    fixture.append(&[("b", None), ("a", Some("three"))]);
    fixture.roll();
    fixture.append(&[("a", Some("four"))]);
    fixture
}

#[test]
fn the_newest_record_of_each_key_stays_at_its_offset() {
    let mut fixture = with_changes();
    let left = expected(&[(3, "cone"), (4, "b"), (5, "athree"), (6, "afour")]);

    assert!(fixture.clean(NOW));

    assert_eq!(fixture.records(), left);
    assert_eq!(fixture.files("log").len(), 2, "neighbours became one");
    fixture.reopen();
    assert_eq!(fixture.records(), left);
    assert_eq!(fixture.log.start_offset(), 0);
    assert_eq!(fixture.log.next_offset(), 7);
    assert!(!fixture.clean(NOW), "there is nothing new");
}

#[test]
fn deletions_go_when_everybody_had_time_to_see_them() {
    let mut fixture = with_changes();
    fixture.clean(NOW);
    assert!(!fixture.clean(NOW + 799));

    assert!(fixture.clean(LATER));

    let left = expected(&[(3, "cone"), (5, "athree"), (6, "afour")]);
    assert_eq!(fixture.records(), left);
    assert!(!fixture.clean(i64::MAX), "nothing is left to go");
}

#[test]
fn compacting_again_and_again_keeps_what_is_true() {
    let mut fixture = Fixture::new();
    let mut truth = BTreeMap::new();
    for round in 0..50_i64 {
        let key = format!("k{}", round * round % 7);
        let value = "x".repeat(usize::try_from(round + 1).unwrap());
        let value = (round % 5 != 4).then_some(value.as_str());
        fixture.append(&[(&key, value), ("always", Some("y"))]);
        truth.insert(key, value.map(str::to_owned));
        if round % 3 == 0 {
            fixture.roll();
            fixture.clean(NOW + round * 300);
        }
        if round % 11 == 0 {
            fixture.reopen();
        }
    }
    fixture.roll();
    fixture.clean(i64::MAX / 2);
    fixture.clean(i64::MAX - 1);

    let lengths: Vec<usize> = truth.values().flatten().map(String::len).collect();
    let found: Vec<usize> = fixture
        .records()
        .iter()
        .map(|it| it.1.matches('x').count())
        .collect();
    let mut found: Vec<usize> = found.into_iter().filter(|it| *it > 0).collect();
    let mut lengths = lengths;
    found.sort_unstable();
    lengths.sort_unstable();
    assert_eq!(found, lengths);
    let always = fixture
        .records()
        .iter()
        .filter(|it| it.1.starts_with("always"))
        .count();
    assert_eq!(always, 1);
}

#[test]
fn aborted_records_go_and_supersede_nothing() {
    let mut fixture = Fixture::new();
    fixture.append(&[("a", Some("kept"))]);
    fixture.append_as((7, 0, 0), true, &[("a", Some("aborted"))]);
    fixture.end(Outcome::Abort, 7);
    fixture.append_as((7, 0, 1), true, &[("b", Some("committed"))]);
    fixture.end(Outcome::Commit, 7);
    fixture.append_as((7, 0, 2), true, &[("c", Some("last"))]);
    fixture.end(Outcome::Commit, 7);
    fixture.roll();
    fixture.append(&[("b", Some("newer"))]);
    fixture.roll();
    fixture.append(&[("z", Some("growing"))]);

    fixture.clean(NOW);
    let (headers, records) = fixture.read();
    let left = expected(&[(0, "akept"), (5, "clast"), (7, "bnewer"), (8, "zgrowing")]);
    assert_eq!(records.into_iter().collect::<Vec<_>>(), left);
    let markers = headers.iter().filter(|it| it.is_control()).count();
    assert_eq!(markers, 3, "markers wait like deletions");
    assert_eq!(fixture.log.aborted(0, 100).len(), 1);

    fixture.clean(LATER);
    let (headers, _) = fixture.read();
    let markers: Vec<_> = headers.iter().filter(|it| it.is_control()).collect();
    assert_eq!(markers.len(), 1, "one still has a record");
    assert_eq!(markers[0].base_offset, 6);
    assert_eq!(fixture.log.aborted(0, 100), []);
    fixture.reopen();
    assert_eq!(fixture.log.aborted(0, 100), []);
    assert_eq!(fixture.log.open_transactions(), []);
    for index in fixture.files("index") {
        fs::remove_file(index).unwrap();
    }
    fixture.reopen();
    assert_eq!(fixture.log.open_transactions(), []);
    assert_eq!(fixture.log.stable_offset(), 9);
}

#[test]
fn open_transactions_are_left_alone() {
    let mut fixture = Fixture::new();
    fixture.append(&[("a", Some("one"))]);
    fixture.roll();
    fixture.append_as((7, 0, 0), true, &[("a", Some("open"))]);
    fixture.roll();
    fixture.append(&[("a", Some("three"))]);
    fixture.roll();

    fixture.clean(NOW);
    assert_eq!(fixture.records().len(), 3);

    fixture.end(Outcome::Commit, 7);
    fixture.clean(NOW);
    assert_eq!(fixture.records(), expected(&[(2, "athree")]));
}

#[test]
fn the_last_sequence_number_of_a_producer_survives_its_records() {
    let mut fixture = Fixture::new();
    fixture.append_as((7, 0, 0), false, &[("a", Some("one"))]);
    fixture.append_as((7, 0, 1), false, &[("a", Some("two"))]);
    fixture.append(&[("a", Some("three"))]);
    fixture.roll();
    fixture.clean(NOW);
    for index in fixture.files("index") {
        fs::remove_file(index).unwrap();
    }
    fixture.reopen();

    assert_eq!(fixture.records(), expected(&[(2, "athree")]));
    let (headers, _) = fixture.read();
    assert_eq!((headers[0].base_offset, headers[0].count()), (1, 0));
    let again = fixture.append_as((7, 0, 1), false, &[("a", Some("two"))]);
    assert_eq!(again, Appended::Again(1));
    let gap = fixture.append_as((7, 0, 5), false, &[("a", Some("six"))]);
    assert_eq!(
        gap,
        Appended::Refused(ResponseError::OutOfOrderSequenceNumber)
    );
}

#[test]
fn a_crash_at_any_moment_leaves_the_old_or_the_new_segments() {
    let old = {
        let mut fixture = with_changes();
        fixture.records()
    };
    let new = {
        let mut fixture = with_changes();
        fixture.clean(NOW);
        fixture.records()
    };
    for step in 0..5 {
        let mut fixture = with_changes();
        let plan = fixture.log.plan_cleaning(RULES, NOW).unwrap();
        plan.run(&|| false).unwrap();
        let dir = fixture.dir.path();
        let cleaned = fixture.files("cleaned").remove(0);
        let swap = dir.join(format!("{:020}-{:020}.swap", 0, 6));
        let (indexes, logs) = (fixture.files("index"), fixture.files("log"));
        if step > 0 {
            fs::write(dir.join(COMPACTED), "").unwrap();
            fs::rename(&cleaned, &swap).unwrap();
        }
        if step > 1 {
            fs::remove_file(&indexes[0]).unwrap();
        }
        if step > 2 {
            fs::remove_file(&indexes[1]).unwrap();
            fs::remove_file(&logs[1]).unwrap();
        }
        if step > 3 {
            fs::rename(&swap, &logs[0]).unwrap();
        }

        fixture.reopen();

        let left = if step == 0 { &old } else { &new };
        assert_eq!(&fixture.records(), left, "step {step}");
        assert!(fixture.files("cleaned").is_empty() && fixture.files("swap").is_empty());
        fixture.roll();
        fixture.clean(NOW);
        assert_eq!(
            fixture.records(),
            expected(&[(3, "cone"), (4, "b"), (6, "afour")])
        );
    }
}

#[test]
fn a_segment_that_went_meanwhile_is_not_brought_back() {
    let mut fixture = with_changes();
    let plan = fixture.log.plan_cleaning(RULES, NOW).unwrap();
    let replacement = plan.run(&|| false).unwrap();
    fixture.log.delete_before(4).unwrap();

    assert!(!fixture.log.accept(replacement).unwrap());

    assert!(fixture.files("cleaned").is_empty());
    fixture.reopen();
    assert_eq!(fixture.log.start_offset(), 4);
}

#[test]
fn cancelled_work_leaves_nothing() {
    let mut fixture = with_changes();
    let plan = fixture.log.plan_cleaning(RULES, NOW).unwrap();

    assert!(plan.run(&|| true).is_err());

    assert!(fixture.files("cleaned").is_empty());
    assert_eq!(fixture.records().len(), 7);
}

#[test]
fn young_and_mostly_clean_logs_are_left_alone() {
    let fixture = with_changes();
    let now = 1_500;
    let young = CleaningRules {
        min_lag_ms: 1_000,
        ..RULES
    };
    let clean = CleaningRules {
        dirty_ratio: 1.0,
        ..RULES
    };
    let waited = CleaningRules {
        max_lag_ms: 100,
        ..clean
    };

    assert!(fixture.log.plan_cleaning(young, now).is_none());
    assert!(fixture.log.plan_cleaning(clean, now).is_none());
    assert!(fixture.log.plan_cleaning(waited, now).is_some());
}
