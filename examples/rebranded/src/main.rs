//! A program whose connectors know the SDK under another name only: `crate = ...` tells the macros.
//!
//! It prints the plugins that it has.

#![forbid(unsafe_code)]

mod others;

use std::process::ExitCode;

use acme_connectors::sdk::prelude::*;
use acme_connectors::sdk::registry::PluginRegistry;

/// What is counted.
#[derive(Clone, Debug, ConnectorConfig)]
#[config(crate = ::acme_connectors::sdk)]
struct CountConfig {
    /// Topic to write to.
    topic: Topic,
    /// Time between two numbers.
    #[config(key = "interval.ms", default = "1s", range = "1ms"..="1h")]
    interval: Duration,
    /// Which way to count.
    #[config(default = "up")]
    direction: Direction,
    #[config(nested)]
    start: Start,
}

/// A direction.
#[derive(Clone, Copy, Debug, ConfigEnum)]
#[config(crate = ::acme_connectors::sdk)]
enum Direction {
    /// To larger numbers.
    Up,
    /// To smaller numbers.
    Down,
}

/// Where counting starts.
#[derive(Clone, Debug, ConnectorConfig)]
#[config(tag = "at", default = "zero", crate = ::acme_connectors::sdk)]
enum Start {
    /// At 0.
    Zero,
    /// Somewhere else.
    Number {
        /// The number.
        number: i64,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, SourcePartition)]
#[offset(crate = ::acme_connectors::sdk)]
struct Counter {
    topic: String,
}

#[derive(Clone, Debug, SourceOffset)]
#[offset(crate = ::acme_connectors::sdk)]
struct Number {
    number: i64,
}

/// Counts.
#[source_connector(crate = ::acme_connectors::sdk)]
struct CountSource {
    config: CountConfig,
    cx: SourceContext<Self>,
    counter: Counter,
    number: i64,
}

#[source_task(blocking, crate = ::acme_connectors::sdk)]
impl SourceTask for CountSource {
    type Config = CountConfig;
    type Partition = Counter;
    type Offset = Number;

    fn start(config: CountConfig, cx: SourceContext<Self>) -> Result<Self> {
        let counter = Counter {
            topic: config.topic.to_string(),
        };
        let first = match config.start {
            Start::Zero => 0,
            Start::Number { number } => number,
        };
        let stored = cx.offset_blocking(&counter)?;
        Ok(Self {
            number: stored.map_or(first, |it| it.number),
            config,
            cx,
            counter,
        })
    }

    fn poll(&mut self) -> Result<Batch<Self>> {
        if self.cx.wait_blocking(self.config.interval) {
            return Ok(Vec::new());
        }
        self.number += match self.config.direction {
            Direction::Up => 1,
            Direction::Down => -1,
        };
        let offset = Number {
            number: self.number,
        };
        let record = SourceRecord::new(&self.config.topic, self.counter.clone(), offset);
        Ok(vec![record.value(self.number)])
    }
}

/// Counts records.
#[sink_connector(crate = ::acme_connectors::sdk)]
struct CountSink(u64);

#[sink_task(crate = ::acme_connectors::sdk)]
impl SinkTask for CountSink {
    type Config = NoConfig;

    async fn start(_: NoConfig, _: SinkContext) -> Result<Self> {
        Ok(Self(0))
    }

    async fn put(&mut self, records: Vec<SinkRecord>) -> Result<()> {
        self.0 += records.len() as u64;
        Ok(())
    }
}

/// Forgets keys.
#[transform(crate = ::acme_connectors::sdk)]
struct ForgetKey;

impl Transform for ForgetKey {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    fn apply(&mut self, mut record: Record) -> Result<Option<Record>> {
        record.key = Value::Null;
        record.key_schema = None;
        Ok(Some(record))
    }
}

/// Holds for records without a value.
#[predicate(crate = ::acme_connectors::sdk)]
struct HasNoValue;

impl Predicate for HasNoValue {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    fn test(&mut self, record: &Record) -> Result<bool> {
        Ok(record.value == Value::Null)
    }
}

fn main() -> ExitCode {
    match PluginRegistry::from_inventory() {
        Ok(plugins) => {
            for plugin in plugins.iter() {
                println!("{} {}", plugin.entry.kind().as_str(), plugin.info.name);
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
