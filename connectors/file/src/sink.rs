//! The file sink: the text of each record becomes a line of a file, or of standard output.

use std::io::Write as _;
use std::sync::Arc;

use connect_core::data::Value;
use connect_core::offset::Alteration;
use connect_core::record::SinkRecord;
use connect_core::sink::{SinkContext, SinkOffsetChanges, SinkTask};
use connect_core::{ConnectorConfig, Result, sink_connector, sink_task};
use tokio::task::spawn_blocking;

use self::output::{Output, Written};
use crate::blocking::finished;

mod output;
#[cfg(test)]
mod tests;

/// Lines are written when they have so many bytes: enough for many lines a call, few enough to be in the
/// processor's cache still.
const PORTION: usize = 128 << 10;

/// Room that is kept between two batches.
const KEPT_ROOM: usize = 2 * PORTION;

/// Where lines are written.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct FileStreamSinkConfig {
    /// File that lines are appended to; standard output if there is none.
    #[config(importance = high, example = "orders.txt")]
    file: Option<String>,
}

/// Appends each record's value as one line of text to a file.
///
/// Keys and headers are not written. Every task appends to the same file. Records that are
/// delivered again after a failure are written again.
#[sink_connector(
    name = "org.apache.kafka.connect.file.FileStreamSinkConnector",
    version = "4.3.1"
)]
#[derive(Debug)]
pub struct FileStreamSink {
    output: Arc<Output>,
    /// Lines that are not written yet. Between two batches it is empty, or holds the rest of a line
    /// whose beginning was written before something failed.
    lines: Vec<u8>,
}

#[sink_task]
impl SinkTask for FileStreamSink {
    type Config = FileStreamSinkConfig;

    async fn start(config: FileStreamSinkConfig, _: SinkContext) -> Result<Self> {
        let output = match config.file.filter(|it| !it.is_empty()) {
            Some(path) => {
                let opening = spawn_blocking(move || Output::append_to(path.as_ref()));
                finished(opening.await)??
            }
            None => Output::stdout(),
        };
        Ok(Self {
            output: Arc::new(output),
            lines: Vec::new(),
        })
    }

    /// The offsets are the worker's alone: any that it can store will do.
    async fn alter_offsets(_: FileStreamSinkConfig, _: SinkOffsetChanges) -> Result<Alteration> {
        Ok(Alteration::Confirmed)
    }

    /// Hands everything to the operating system, so there is nothing left to flush.
    async fn put(&mut self, records: Vec<SinkRecord>) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let mut torn = self.lines.len();
        for record in &records {
            push_line(&record.value, &mut self.lines);
            if self.lines.len() >= PORTION {
                self.write(torn).await?;
                torn = 0;
            }
        }
        self.write(torn).await
    }
}

impl FileStreamSink {
    /// Writes the lines, the first bytes of which are the rest of a line that is `torn`.
    async fn write(&mut self, torn: usize) -> Result<()> {
        let written = if self.output.is_at_hand() {
            self.output.write(&self.lines)
        } else {
            let (lines, output) = (std::mem::take(&mut self.lines), Arc::clone(&self.output));
            let writing = spawn_blocking(move || {
                let written = output.write(&lines);
                (lines, written)
            });
            let (lines, written) = finished(writing.await)?;
            self.lines = lines;
            written
        };
        keep_torn_line(&mut self.lines, torn, &written);
        written.outcome
    }
}

/// Appends the text of a value and the end of a line. Bytes have no text and stay as they are.
fn push_line(value: &Value, lines: &mut Vec<u8>) {
    match value {
        Value::String(text) => lines.extend_from_slice(text.as_bytes()),
        Value::Bytes(bytes) => lines.extend_from_slice(bytes),
        other => write!(lines, "{other}").expect("a vector takes any text"),
    }
    lines.push(b'\n');
}

/// Keeps what is missing of the last line that was begun: now, or before, if so many bytes in front
/// are the rest of such a line. The records come again after a failure, and without it their first
/// line would continue the one that was begun.
fn keep_torn_line(lines: &mut Vec<u8>, torn: usize, written: &Written) {
    let (begun, missing) = lines.split_at(written.bytes);
    let kept = match begun.last() {
        _ if begun.len() < torn => torn - begun.len(),
        None | Some(b'\n') => 0,
        Some(_) => missing
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(missing.len(), |end| end + 1),
    };
    lines.drain(..written.bytes);
    lines.truncate(kept);
    lines.shrink_to(KEPT_ROOM);
}
