//! A sink task that buffers what it is given and makes it durable before commits.

use std::collections::BTreeMap;

use connect_core::sink::SinkOffsets;
use connect_core::source::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::worker::dying::lossy::Line;

pub(super) struct Writer {
    cluster: Cluster,
    life: Arc<Life>,
    case: Case,
    cx: SinkContext,
    stop: CancellationToken,
    /// What is not durable yet, by partition.
    buffered: BTreeMap<u8, Vec<u32>>,
}

fn number(partition: &TopicPartition) -> u8 {
    u8::try_from(partition.partition).unwrap()
}

fn line(record: &SinkRecord) -> Line {
    let origin = record.origin();
    let offset = u32::try_from(origin.offset).unwrap();
    (u8::try_from(origin.partition).unwrap(), offset)
}

impl Writer {
    pub(super) fn new(
        cluster: &Cluster,
        life: &Arc<Life>,
        case: Case,
        (cx, stop): (SinkContext, CancellationToken),
    ) -> Self {
        Self {
            cluster: cluster.clone(),
            life: Arc::clone(life),
            case,
            cx,
            stop,
            buffered: BTreeMap::new(),
        }
    }

    async fn take(&mut self, records: Vec<SinkRecord>) -> Result<()> {
        self.life.stepped().await;
        if self.life.once_in(self.case.retries) {
            return Err(again());
        }
        for record in &records {
            let (partition, offset) = line(record);
            if cluster::is_reported((partition, offset)) {
                self.cx
                    .report(record, ConnectError::data("no such column"))
                    .await?;
            } else {
                self.buffered.entry(partition).or_default().push(offset);
            }
            // Some of them have been taken by now.
            if self.life.once_in(self.case.retries) {
                return Err(again());
            }
        }
        self.lose_some();
        Ok(())
    }

    /// Loses what is buffered of a partition, and asks for it once more.
    fn lose_some(&mut self) {
        if !self.life.once_in(self.case.seeks) {
            return;
        }
        let Some((partition, offsets)) = self.buffered.pop_first() else {
            return;
        };
        let Some(first) = offsets.into_iter().min() else {
            return;
        };
        let partition = TopicPartition {
            topic: "t".into(),
            partition: i32::from(partition),
        };
        self.cx.seek(&partition, i64::from(first));
        // At times there is no time left to follow that.
        if self.life.once_in(3) {
            self.stop.cancel();
        }
    }

    async fn secure(&mut self, mut offsets: SinkOffsets) -> Result<SinkOffsets> {
        self.life.stepped().await;
        if self.life.once_in(self.case.failed_flushes) {
            self.buffered.clear();
            return Err(ConnectError::retriable("the buffer is gone"));
        }
        // At times one partition has to wait, and keeps its buffer.
        if self.life.once_in(3)
            && let Some((_, held)) = self.buffered.first_key_value()
            && let Some(first) = held.iter().min()
        {
            let waiting = *self.buffered.keys().next().unwrap();
            let first = i64::from(*first);
            for (partition, offset) in &mut offsets {
                if number(partition) == waiting {
                    *offset = first.min(*offset);
                }
            }
            let kept = self.buffered.remove(&waiting);
            self.write().await;
            self.buffered.extend(kept.map(|it| (waiting, it)));
            return Ok(offsets);
        }
        self.write().await;
        Ok(offsets)
    }

    async fn write(&mut self) {
        for (partition, offsets) in std::mem::take(&mut self.buffered) {
            for offset in offsets {
                self.life.stepped().await;
                self.cluster.deliver((partition, offset));
            }
        }
        self.life.stepped().await;
    }
}

fn again() -> ConnectError {
    ConnectError::retriable("not now").after(Duration::from_millis(10))
}

impl ErasedSinkTask for Writer {
    fn put(&mut self, records: Vec<SinkRecord>) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.take(records))
    }

    fn pre_commit(&mut self, offsets: SinkOffsets) -> BoxFuture<'_, Result<SinkOffsets>> {
        Box::pin(self.secure(offsets))
    }

    fn open<'a>(&'a mut self, _: &'a [TopicPartition]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async {
            self.life.stepped().await;
            Ok(())
        })
    }

    fn close<'a>(&'a mut self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.life.stepped().await;
            for partition in partitions {
                self.buffered.remove(&number(partition));
            }
            Ok(())
        })
    }

    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            self.life.stepped().await;
            Ok(())
        })
    }
}
