//! A sink that fails now and then in the ways from which a worker recovers.

use connect_core::prelude::*;
use connect_core::sink::SinkOffsets;
use tokio::io::AsyncWriteExt as _;

/// Wait before what was refused is tried again.
const SOON: Duration = Duration::from_millis(20);

/// What fails, and where the records go.
#[derive(Clone, Debug, ConnectorConfig)]
pub(crate) struct FlakySinkConfig {
    /// File that values are appended to, one a line.
    #[config(importance = high)]
    file: String,

    /// Whether records are taken only when they are delivered for the second time.
    #[config(default = false)]
    refuse_puts: bool,

    /// Whether the first flush fails and loses what was delivered before it.
    #[config(default = false)]
    lose_first_flush: bool,
}

/// Appends values to a file when they are flushed, and fails as it is told to.
#[sink_connector(name = "org.example.FlakySink")]
#[derive(Debug)]
pub(crate) struct FlakySink {
    config: FlakySinkConfig,
    /// Offsets of the records that were refused last.
    refused: Vec<i64>,
    unflushed: Vec<u8>,
    flushes_lost: u32,
}

#[sink_task]
impl SinkTask for FlakySink {
    type Config = FlakySinkConfig;

    async fn start(config: FlakySinkConfig, _: SinkContext) -> Result<Self> {
        Ok(Self {
            config,
            refused: Vec::new(),
            unflushed: Vec::new(),
            flushes_lost: 0,
        })
    }

    async fn put(&mut self, records: Vec<SinkRecord>) -> Result<()> {
        let offsets: Vec<i64> = records.iter().map(SinkRecord::offset).collect();
        if self.config.refuse_puts && !offsets.is_empty() && offsets != self.refused {
            self.refused = offsets;
            return Err(ConnectError::retriable("not now").after(SOON));
        }
        for record in &records {
            self.unflushed
                .extend_from_slice(record.value.to_string().as_bytes());
            self.unflushed.push(b'\n');
        }
        Ok(())
    }

    async fn flush(&mut self, _: &SinkOffsets) -> Result<()> {
        if self.config.lose_first_flush && self.flushes_lost == 0 && !self.unflushed.is_empty() {
            self.flushes_lost += 1;
            self.unflushed.clear();
            return Err(ConnectError::retriable("the buffer is gone"));
        }
        let failed = |error: std::io::Error| ConnectError::fatal("cannot append").caused_by(error);
        let mut options = tokio::fs::OpenOptions::new();
        options.create(true).append(true);
        let mut file = options.open(&self.config.file).await.map_err(failed)?;
        file.write_all(&self.unflushed).await.map_err(failed)?;
        file.flush().await.map_err(failed)?;
        self.unflushed.clear();
        Ok(())
    }
}
