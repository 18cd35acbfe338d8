//! A sink that does to its context what its records say.

use std::path::PathBuf;

use connect_core::prelude::*;
use connect_core::sink::TopicPartition;
use tokio::io::AsyncWriteExt as _;

/// Wait before a paused task looks again whether it may go on.
const SOON: Duration = Duration::from_millis(50);

/// Where values go, and what lets a paused task go on.
#[derive(Clone, Debug, ConnectorConfig)]
pub(crate) struct CommandingSinkConfig {
    /// File that values are appended to, one a line.
    #[config(importance = high)]
    file: PathBuf,

    /// File whose existence ends a pause. Until then each call without records adds a line to a file
    /// beside it, which ends in `.calls`.
    go_on: Option<PathBuf>,
}

/// Appends values to a file. `pause` pauses the partition, `again` starts it over once, `commit`
/// asks for a commit, `bad` is reported.
#[sink_connector(name = "org.example.CommandingSink")]
#[derive(Debug)]
pub(crate) struct CommandingSink {
    config: CommandingSinkConfig,
    cx: SinkContext,
    paused: Vec<TopicPartition>,
    was_again: bool,
}

#[sink_task]
impl SinkTask for CommandingSink {
    type Config = CommandingSinkConfig;

    async fn start(config: CommandingSinkConfig, cx: SinkContext) -> Result<Self> {
        Ok(Self {
            config,
            cx,
            paused: Vec::new(),
            was_again: false,
        })
    }

    async fn put(&mut self, records: Vec<SinkRecord>) -> Result<()> {
        for record in &records {
            self.obey(record).await?;
        }
        self.go_on(records.is_empty()).await
    }
}

impl CommandingSink {
    async fn obey(&mut self, record: &SinkRecord) -> Result<()> {
        let text = record.value.to_string();
        let origin = record.origin();
        let partition = TopicPartition {
            topic: origin.topic.clone(),
            partition: origin.partition,
        };
        match text.as_str() {
            "bad" => {
                let error = ConnectError::data("a record says that it is bad");
                return self.cx.report(record, error).await;
            }
            "pause" => {
                self.cx.pause(std::slice::from_ref(&partition))?;
                self.paused.push(partition);
            }
            "again" if !self.was_again => {
                self.was_again = true;
                self.cx.seek(&partition, 0);
            }
            "commit" => self.cx.request_commit(),
            _ => {}
        }
        append(&self.config.file, &text).await
    }

    /// Resumes when it may, and wants to be asked again soon otherwise.
    async fn go_on(&mut self, is_idle: bool) -> Result<()> {
        let Some(file) = self
            .config
            .go_on
            .as_ref()
            .filter(|_| !self.paused.is_empty())
        else {
            return Ok(());
        };
        if tokio::fs::try_exists(file).await.is_ok_and(|it| it) {
            self.cx.resume(&self.paused)?;
            self.paused.clear();
            return Ok(());
        }
        if is_idle {
            append(&file.with_extension("calls"), "a call").await?;
        }
        self.cx.call_within(SOON);
        Ok(())
    }
}

async fn append(file: &std::path::Path, line: &str) -> Result<()> {
    let failed = |error: std::io::Error| ConnectError::fatal("cannot append").caused_by(error);
    let mut options = tokio::fs::OpenOptions::new();
    let file = options.create(true).append(true).open(file).await;
    let mut file = file.map_err(failed)?;
    let line = format!("{line}\n");
    file.write_all(line.as_bytes()).await.map_err(failed)?;
    file.flush().await.map_err(failed)
}
