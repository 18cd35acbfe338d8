//! A source connector as a crate of its own, which knows the SDK and nothing of the worker.

use connect_core::prelude::*;

/// Who is greeted, and how often.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct GreetingConfig {
    /// Topic that receives the greetings.
    #[config(importance = high, non_empty)]
    topic: String,

    /// Whom to greet.
    #[config(default = "world")]
    whom: String,

    /// Time between two greetings.
    #[config(key = "interval.ms", default = "1s", range = "1ms"..="1h")]
    interval: Duration,
}

/// Greets somebody again and again.
#[source_connector(name = "org.example.GreetingSource")]
#[derive(Debug)]
pub struct GreetingSource {
    config: GreetingConfig,
}

#[source_task]
impl SourceTask for GreetingSource {
    type Config = GreetingConfig;

    async fn start(config: GreetingConfig, _: SourceContext<Self>) -> Result<Self> {
        Ok(Self { config })
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        sleep(self.config.interval).await;
        let greeting = format!("hello, {}", self.config.whom);
        Ok(vec![
            SourceRecord::new(self.config.topic.as_str(), (), ()).value(greeting),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    connect_core::conformance!(
        source GreetingSource,
        sample = Props::from_iter([("topic", "greetings"), ("interval.ms", "1")]),
    );
}
