//! `Fetch`: waits for records and hands them out as they are stored.

use std::rc::Rc;
use std::time::Duration;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::FetchRequest;
use kafka_protocol::messages::fetch_request::FetchPartition;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::Call;
use crate::batch::LEADER_EPOCH;
use crate::log::{Aborted, Log, Range};
use crate::refusal::Refusal;
use crate::topics::{Partition, Topics};
use crate::wire::shape::{Field, I8, I32, I32S, I64, TEXT, structs};
use crate::wire::writer::Writer;
use crate::wire::{Answer, Hangup};

pub(super) const SHAPE: &[Field] = &[
    I32,
    I32,
    I32,
    I32,
    I8,
    I32.since(7),
    I32.since(7),
    structs(&[
        TEXT,
        structs(&[I32, I32.since(9), I64, I32.since(12), I64.since(5), I32]),
    ]),
    structs(&[TEXT, I32S]).since(7),
    TEXT.since(11),
];

/// Records of one answer. Larger answers do not come faster, and every one takes memory.
const MAX_ANSWER: u64 = 4 * 1024 * 1024;
/// No client waits longer than this for records.
const MAX_WAIT: Duration = Duration::from_secs(300);

/// Versions from this one on use the flexible encoding.
const FLEXIBLE_SINCE: i16 = 12;

pub(super) async fn answer(mut call: Call<'_>) -> Result<Option<Answer>, Hangup> {
    let request: FetchRequest = call.decode()?;
    if let Some(error) = session_error(&request) {
        return Ok(Some(respond(&call, error.code(), Vec::new())));
    }
    wait_for_records(&call, &request).await;
    let topics = read(&call, &request);
    Ok(Some(respond(&call, 0, topics)))
}

/// The broker keeps no sessions: clients get id 0 and say everything in every request.
fn session_error(request: &FetchRequest) -> Option<ResponseError> {
    (request.session_id != 0).then_some(ResponseError::FetchSessionIdNotFound)
}

/// Waits until there are as many bytes as the client wants, an error, or no time left.
async fn wait_for_records(call: &Call<'_>, request: &FetchRequest) {
    let wanted = u64::try_from(request.min_bytes)
        .unwrap_or(0)
        .min(MAX_ANSWER);
    let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0));
    let deadline = Instant::now() + wait.min(MAX_WAIT);
    let news = Rc::new(Notify::new());
    loop {
        if is_ready(&mut call.node.topics.borrow_mut(), request, wanted, &news) {
            return;
        }
        if timeout_at(deadline, news.notified()).await.is_err() {
            return;
        }
    }
}

/// Whether the request can be answered. If not, `news` is woken by the next record.
fn is_ready(topics: &mut Topics, request: &FetchRequest, wanted: u64, news: &Rc<Notify>) -> bool {
    if wanted == 0 {
        return true;
    }
    let mut available = 0;
    for topic in &request.topics {
        for wish in &topic.partitions {
            let Ok(partition) = check(topics, &topic.topic, wish) else {
                return true;
            };
            let until = isolation(request).end(&partition.log);
            match partition.log.available(wish.fetch_offset, until, wanted) {
                Ok(more) => available += more,
                Err(_) => return true,
            }
            if available >= wanted {
                return true;
            }
        }
    }
    for topic in &request.topics {
        for wish in &topic.partitions {
            if let Ok((_, partition)) = topics.partition(&topic.topic, wish.partition) {
                partition.wait(news);
            }
        }
    }
    false
}

/// The partition, if its log has the offset.
fn check<'a>(
    topics: &'a mut Topics,
    topic: &str,
    wish: &FetchPartition,
) -> Result<&'a mut Partition, Refusal> {
    let (_, partition) = topics.partition(topic, wish.partition)?;
    if wish.current_leader_epoch > LEADER_EPOCH {
        let text = "the leader epoch is from the future";
        return Err(Refusal::new(ResponseError::UnknownLeaderEpoch, text));
    }
    let log = &partition.log;
    if (log.start_offset()..=log.next_offset()).contains(&wish.fetch_offset) {
        return Ok(partition);
    }
    let text = "the offset is outside of the partition";
    Err(Refusal::new(ResponseError::OffsetOutOfRange, text))
}

/// What is said of one partition.
struct Part {
    index: i32,
    error: i16,
    end: i64,
    stable: i64,
    start: i64,
    /// Only for those who want to know which records count.
    aborted: Option<Vec<Aborted>>,
    records: Vec<u8>,
}

/// Which records a client wants to see.
#[derive(Clone, Copy)]
pub(super) enum Isolation {
    /// All of them.
    Uncommitted,
    /// None of an open transaction.
    Committed,
}

impl Isolation {
    /// Reads the level as the protocol has it.
    pub(super) fn of(level: i8) -> Self {
        match level {
            1 => Self::Committed,
            _ => Self::Uncommitted,
        }
    }

    /// The offset behind the last record that is shown.
    pub(super) fn end(self, log: &Log) -> i64 {
        match self {
            Self::Uncommitted => log.next_offset(),
            Self::Committed => log.stable_offset(),
        }
    }
}

fn isolation(request: &FetchRequest) -> Isolation {
    Isolation::of(request.isolation_level)
}

/// How much of a partition goes into an answer.
#[derive(Clone, Copy)]
struct Limits {
    isolation: Isolation,
    bytes: u64,
    at_least_one: bool,
}

fn read<'a>(call: &Call<'_>, request: &'a FetchRequest) -> Vec<(&'a str, Vec<Part>)> {
    let mut left = u64::try_from(request.max_bytes)
        .unwrap_or(0)
        .min(MAX_ANSWER);
    let mut nothing_yet = true;
    let mut topics = call.node.topics.borrow_mut();
    let mut answer = Vec::with_capacity(request.topics.len());
    for topic in &request.topics {
        let mut parts = Vec::with_capacity(topic.partitions.len());
        for wish in &topic.partitions {
            let limits = Limits {
                isolation: isolation(request),
                bytes: left,
                at_least_one: nothing_yet,
            };
            let part = read_partition(&mut topics, &topic.topic, wish, limits);
            left = left.saturating_sub(part.records.len() as u64);
            nothing_yet &= part.records.is_empty();
            parts.push(part);
        }
        answer.push((topic.topic.as_str(), parts));
    }
    answer
}

fn read_partition(topics: &mut Topics, topic: &str, wish: &FetchPartition, limits: Limits) -> Part {
    let failed = |error: ResponseError| Part {
        index: wish.partition,
        error: error.code(),
        end: -1,
        stable: -1,
        start: -1,
        aborted: None,
        records: Vec::new(),
    };
    let partition = match check(topics, topic, wish) {
        Ok(partition) => partition,
        Err(refusal) => return failed(refusal.error),
    };
    let log = &mut partition.log;
    let partition_max = u64::try_from(wish.partition_max_bytes).unwrap_or(0);
    let range = Range {
        offset: wish.fetch_offset,
        until: limits.isolation.end(log),
        max_bytes: limits.bytes.min(partition_max),
        at_least_one: limits.at_least_one,
    };
    let mut records = Vec::new();
    let next_offset = match log.read(range, &mut records) {
        Ok(next_offset) => next_offset,
        Err(error) => {
            let what = format_args!("{topic}-{}", wish.partition);
            return failed(Refusal::storage(what, &error).error);
        }
    };
    let aborted = match limits.isolation {
        Isolation::Uncommitted => None,
        Isolation::Committed => Some(log.aborted(wish.fetch_offset, next_offset)),
    };
    Part {
        index: wish.partition,
        error: 0,
        end: log.next_offset(),
        stable: log.stable_offset(),
        start: log.start_offset(),
        aborted,
        records,
    }
}

fn respond(call: &Call<'_>, error: i16, topics: Vec<(&str, Vec<Part>)>) -> Answer {
    let version = call.version;
    let mut out = Writer::new(version >= FLEXIBLE_SINCE);
    out.i32(call.correlation_id);
    out.end();
    let no_throttling = 0;
    out.i32(no_throttling);
    if version >= 7 {
        let no_session = 0;
        out.i16(error);
        out.i32(no_session);
    }
    out.count(topics.len());
    for (topic, parts) in topics {
        out.text(topic);
        out.count(parts.len());
        for part in parts {
            write_part(&mut out, version, part);
        }
        out.end();
    }
    out.end();
    Answer::framed(out.finish())
}

fn write_part(out: &mut Writer, version: i16, part: Part) {
    out.i32(part.index);
    out.i16(part.error);
    let high_watermark = part.end;
    out.i64(high_watermark);
    out.i64(part.stable);
    if version >= 5 {
        out.i64(part.start);
    }
    match part.aborted {
        None => out.no_list(),
        Some(aborted) => {
            out.count(aborted.len());
            for it in aborted {
                out.i64(it.producer_id);
                out.i64(it.first_offset);
                out.end();
            }
        }
    }
    if version >= 11 {
        let no_preferred_replica = -1;
        out.i32(no_preferred_replica);
    }
    out.bytes(part.records);
    out.end();
}
