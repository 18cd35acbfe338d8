//! A source task that reads numbered lines of several partitions.

use connect_core::data::{Blob, Value};
use connect_core::offset::OffsetMap;
use connect_core::source::{BoxFuture, SettledRecord};
use tokio_util::sync::CancellationToken;

use super::*;

/// What kind of record a line is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Written,
    /// Dropped by a transform.
    Dropped,
    /// Cannot be converted.
    Broken,
    /// Only an offset.
    Heartbeat,
}

fn kind((partition, number): Line) -> Kind {
    match (u32::from(partition) * RECORDS + number) % 9 {
        2 => Kind::Dropped,
        5 => Kind::Broken,
        7 => Kind::Heartbeat,
        _ => Kind::Written,
    }
}

/// Whether a line is to be in the topic.
pub(super) fn is_written(line: Line) -> bool {
    kind(line) == Kind::Written
}

/// The last line of a partition whose offset is stored for its own sake.
pub(super) fn last_stored(partition: u8) -> u32 {
    let stored =
        |number: &u32| matches!(kind((partition, *number)), Kind::Written | Kind::Heartbeat);
    (0..RECORDS).rev().find(stored).unwrap()
}

/// The line of a value in the topic.
pub(super) fn line_of(value: &[u8]) -> Line {
    (value[0], u32::from(value[1]))
}

fn record((partition, number): Line) -> Record {
    let mut record = Record::new("t");
    let bytes = [partition, u8::try_from(number).unwrap()];
    record.value = match kind((partition, number)) {
        Kind::Dropped => Value::Null,
        Kind::Broken => Value::from("text"),
        Kind::Written | Kind::Heartbeat => Value::from(Blob::copy_from_slice(&bytes)),
    };
    record
}

/// What a poll returns that has read these lines.
pub(super) fn batch(lines: Vec<Line>) -> ErasedBatch {
    let numbered = lines.iter().enumerate();
    let alone = numbered.filter(|(_, line)| kind(**line) == Kind::Heartbeat);
    ErasedBatch {
        are_of_now: false,
        records: Box::new(lines.iter().map(|it| record(*it)).collect::<Vec<_>>()),
        offset_only: alone.map(|(index, _)| index).collect(),
        positions: Some(Box::new(Places::new(lines))),
        unsettled: None,
        boundaries: Vec::new(),
    }
}

/// Reads on from the stored offsets, partition by partition or several at once.
pub(super) struct Reader {
    brokers: Brokers,
    life: Arc<Life>,
    stop: CancellationToken,
    next: Vec<u32>,
    reads_broken: bool,
    /// Polls since everything was read.
    idle: u32,
}

impl Reader {
    pub(super) fn new(
        brokers: &Brokers,
        life: &Arc<Life>,
        stop: CancellationToken,
        reads_broken: bool,
    ) -> Self {
        Self {
            brokers: brokers.clone(),
            life: Arc::clone(life),
            stop,
            next: (0..PARTITIONS).map(|it| brokers.next(it)).collect(),
            reads_broken,
            idle: 0,
        }
    }

    fn read(&mut self) -> Vec<Line> {
        let mut lines = Vec::new();
        for _ in 0..self.life.below(6) {
            let partition = u8::try_from(self.life.below(u64::from(PARTITIONS))).unwrap();
            let next = &mut self.next[usize::from(partition)];
            let line = (partition, *next);
            if *next < RECORDS {
                *next += 1;
                if self.reads_broken || kind(line) != Kind::Broken {
                    lines.push(line);
                }
            }
        }
        lines
    }
}

impl ErasedSourceTask for Reader {
    fn poll(&mut self) -> BoxFuture<'_, Result<ErasedBatch>> {
        Box::pin(async {
            self.life.stepped().await;
            sleep(Duration::from_millis(self.life.below(10))).await;
            if self.next.iter().all(|it| *it == RECORDS) {
                self.idle += 1;
                // At times everything has been acknowledged by then, at times not.
                if u64::from(self.idle) > self.life.below(12) {
                    self.stop.cancel();
                }
            }
            if self.life.once_in(15) {
                return Err(ConnectError::retriable("not now"));
            }
            let lines = self.read();
            self.life.stepped().await;
            Ok(batch(lines))
        })
    }

    fn commit<'a>(&'a mut self, committed: &'a [Box<dyn Position>]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.life.stepped().await;
            for position in committed {
                let any: &dyn std::any::Any = position.as_ref();
                let At((partition, number)) = any.downcast_ref::<At>().unwrap();
                assert!(self.brokers.next(*partition) > *number, "told too early");
            }
            Ok(())
        })
    }

    fn settled<'a>(&'a mut self, _: &'a [SettledRecord]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            self.life.stepped().await;
            Ok(())
        })
    }
}

/// Where the lines of a batch were read.
#[derive(Debug)]
struct Places {
    lines: Vec<Line>,
    partitions: Vec<u8>,
}

impl Places {
    fn new(lines: Vec<Line>) -> Self {
        let mut partitions = Vec::new();
        for (partition, _) in &lines {
            if !partitions.contains(partition) {
                partitions.push(*partition);
            }
        }
        Self { lines, partitions }
    }
}

impl BatchPositions for Places {
    fn partition_count(&self) -> usize {
        self.partitions.len()
    }

    fn partition_of(&self, record: usize) -> usize {
        let partition = self.lines[record].0;
        self.partitions
            .iter()
            .position(|it| *it == partition)
            .unwrap()
    }

    fn detach(&self, record: usize) -> Box<dyn Position> {
        Box::new(At(self.lines[record]))
    }
}

#[derive(Debug)]
struct At(Line);

impl Position for At {
    fn partition(&self) -> OffsetMap {
        OffsetMap::new().with("p", u32::from(self.0.0))
    }

    fn offset(&self) -> OffsetMap {
        OffsetMap::new().with("o", self.0.1)
    }

    fn same_partition(&self, other: &dyn Position) -> bool {
        let other: &dyn std::any::Any = other;
        other
            .downcast_ref::<Self>()
            .is_some_and(|it| it.0.0 == self.0.0)
    }

    fn partition_hash(&self) -> u64 {
        u64::from(self.0.0)
    }
}
