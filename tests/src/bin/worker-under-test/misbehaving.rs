//! Plugins that misbehave in the method that they are told to, in the way that they are told to.

mod connector;
mod parts;

use connect_core::offset::OffsetMap;
use connect_core::prelude::*;
use connect_core::sink::{SinkOffsets, TopicPartition};

/// So many bytes are taken at once.
const HOARD: usize = 4 << 20;

/// Where and how a plugin misbehaves.
#[derive(Clone, Debug, ConnectorConfig)]
pub(crate) struct MisbehavingConfig {
    /// Method that misbehaves.
    #[config(importance = high)]
    method: String,

    /// How it does.
    #[config(importance = high)]
    manner: Manner,

    /// What it says of that, besides.
    #[config(default = "on purpose")]
    words: String,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ConfigEnum)]
pub(crate) enum Manner {
    /// An error that is not retriable.
    Error,
    /// An error after which the worker tries again.
    Retry,
    /// A panic.
    Panic,
    /// The thread waits for ever.
    Block,
    /// The thread computes for ever.
    Spin,
    /// The future never ends.
    Hang,
    /// Memory is taken and never given back.
    Allocate,
}

impl MisbehavingConfig {
    async fn enter(&self, method: &str) -> Result<()> {
        match self.manner {
            Manner::Hang if self.method == method => std::future::pending().await,
            _ => self.enter_now(method),
        }
    }

    /// The same where nothing can be waited for.
    #[expect(clippy::panic, reason = "that is one of the manners")]
    fn enter_now(&self, method: &str) -> Result<()> {
        if self.method != method {
            return Ok(());
        }
        let words = &self.words;
        match self.manner {
            Manner::Error => Err(ConnectError::fatal(format!("{method} failed {words}"))),
            Manner::Retry => {
                let cause = ConnectError::fatal(format!("cause of {words}"));
                Err(ConnectError::retriable(format!("{method} failed {words}")).caused_by(cause))
            }
            Manner::Panic => panic!("{method} panicked {words}"),
            Manner::Block | Manner::Hang => loop {
                std::thread::park();
            },
            Manner::Spin => loop {
                std::hint::black_box(method.len());
            },
            Manner::Allocate => {
                Box::leak(vec![1_u8; HOARD].into_boxed_slice());
                Ok(())
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, SourcePartition)]
pub(crate) struct Nowhere {
    place: i64,
}

/// Says nothing but what fails.
#[source_connector(name = "org.example.MisbehavingSource")]
#[derive(Debug)]
pub(crate) struct MisbehavingSource {
    config: MisbehavingConfig,
}

/// An offset that is stored as something else than it is read from.
#[derive(Clone, Debug)]
pub(crate) struct Garbage;

impl connect_core::offset::SourceOffset for Garbage {
    fn to_stored(&self) -> OffsetMap {
        OffsetMap::new().with("\u{1}", f64::NAN.to_string().as_str())
    }

    fn from_stored(stored: &OffsetMap) -> Result<Self, connect_core::offset::OffsetError> {
        Err(connect_core::offset::OffsetError::Rejected(format!(
            "{stored} is garbage"
        )))
    }
}

#[source_task]
impl SourceTask for MisbehavingSource {
    type Config = MisbehavingConfig;
    type Partition = Nowhere;
    type Offset = Garbage;

    async fn start(config: MisbehavingConfig, _: SourceContext<Self>) -> Result<Self> {
        tracing::info!(words = config.words, "the task starts");
        config.enter("start").await?;
        Ok(Self { config })
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        self.config.enter("poll").await?;
        sleep(Duration::from_millis(100)).await;
        let silent = SourceRecord::offset_only(Nowhere { place: 0 }, Garbage);
        match self.config.method.as_str() {
            "garbage" => Ok(vec![SourceRecord::new("", Nowhere { place: -1 }, Garbage)]),
            _ => Ok(vec![silent]),
        }
    }

    async fn commit(&mut self, _: &[connect_core::source::Committed<Self>]) -> Result<()> {
        self.config.enter("commit").await
    }

    async fn stop(self) -> Result<()> {
        self.config.enter("stop").await
    }
}

/// Forgets records, and fails.
#[sink_connector(name = "org.example.MisbehavingSink")]
#[derive(Debug)]
pub(crate) struct MisbehavingSink {
    config: MisbehavingConfig,
}

#[sink_task]
impl SinkTask for MisbehavingSink {
    type Config = MisbehavingConfig;

    async fn start(config: MisbehavingConfig, _: SinkContext) -> Result<Self> {
        config.enter("start").await?;
        Ok(Self { config })
    }

    async fn put(&mut self, _: Vec<SinkRecord>) -> Result<()> {
        self.config.enter("put").await
    }

    async fn pre_commit(&mut self, mut offsets: SinkOffsets) -> Result<SinkOffsets> {
        self.config.enter("pre_commit").await?;
        if self.config.method == "garbage" {
            let elsewhere = TopicPartition {
                topic: "elsewhere".into(),
                partition: -1,
            };
            offsets.insert(elsewhere, -1);
            for offset in offsets.values_mut() {
                *offset += 1_000_000;
            }
        }
        Ok(offsets)
    }

    async fn open(&mut self, _: &[TopicPartition]) -> Result<()> {
        self.config.enter("open").await
    }

    async fn close(&mut self, _: &[TopicPartition]) -> Result<()> {
        self.config.enter("close").await
    }

    async fn stop(self) -> Result<()> {
        self.config.enter("stop").await
    }
}
