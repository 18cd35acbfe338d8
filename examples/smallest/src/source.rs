//! The smallest source that is of use.

use connect_core::prelude::*;

/// Emits a counter.
#[derive(Clone, ConnectorConfig)]
pub struct TickConfig {
    /// Topic to write to.
    topic: Topic,
    /// Time between two ticks.
    #[config(key = "interval.ms", default = "1s", range = "1ms"..="1h")]
    interval: Duration,
}

/// Counts up, one record per tick.
#[source_connector]
pub struct TickSource {
    config: TickConfig,
    count: i64,
}

#[source_task]
impl SourceTask for TickSource {
    type Config = TickConfig;

    async fn start(config: TickConfig, _: SourceContext<Self>) -> Result<Self> {
        Ok(Self { config, count: 0 })
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        sleep(self.config.interval).await;
        self.count += 1;
        let record = SourceRecord::new(&self.config.topic, (), ());
        Ok(vec![record.value(self.count)])
    }
}
