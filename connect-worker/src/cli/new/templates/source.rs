//! A source connector: it counts up to a limit, and goes on after a restart.

#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations)]

use connect_core::prelude::*;

/// How far to count.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct TemplateConfig {
    /// Topic that receives the numbers.
    #[config(importance = high, example = "numbers")]
    topic: Topic,

    /// Last number.
    #[config(default = 1000, range = 1..)]
    limit: i64,
}

/// What is read: a table, a file, a shard. Here there is one thing only.
#[derive(Clone, Debug, PartialEq, Eq, Hash, SourcePartition)]
pub struct Counter {
    name: String,
}

/// How far it was read.
#[derive(Clone, Debug, PartialEq, Eq, SourceOffset)]
pub struct Position {
    last: i64,
}

/// Counts up to a limit, one record for each number.
#[source_connector]
#[derive(Debug)]
pub struct Template {
    config: TemplateConfig,
    counter: Counter,
    last: i64,
}

#[source_task]
impl SourceTask for Template {
    type Config = TemplateConfig;
    type Partition = Counter;
    type Offset = Position;

    async fn start(config: TemplateConfig, cx: SourceContext<Self>) -> Result<Self> {
        let counter = Counter {
            name: "numbers".to_owned(),
        };
        let stored = cx.offset(&counter).await?;
        Ok(Self {
            config,
            counter,
            last: stored.map_or(0, |it| it.last),
        })
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        if self.last >= self.config.limit {
            // A poll may be dropped at any `.await`: nothing is lost with this one.
            sleep(Duration::from_secs(1)).await;
            return Ok(Vec::new());
        }
        self.last += 1;
        let offset = Position { last: self.last };
        let record = SourceRecord::new(&self.config.topic, self.counter.clone(), offset);
        Ok(vec![record.value(self.last)])
    }
}

#[cfg(test)]
mod tests {
    use connect_core::testing::{self, SourceHarness};

    use super::*;

    #[test]
    fn what_was_not_committed_comes_again() {
        testing::run(async {
            let config = Props::from_iter([("topic", "numbers")]);
            let mut source = SourceHarness::<Template>::new(config);
            source.start().await.unwrap();
            source.poll_some(2).await.unwrap();
            source.commit().await.unwrap();
            source.poll_some(1).await.unwrap();

            source.crash();
            source.start().await.unwrap();

            let polled = source.poll_some(1).await.unwrap();
            assert_eq!(polled[0].record.value, Value::Int64(3));
        });
    }
}
