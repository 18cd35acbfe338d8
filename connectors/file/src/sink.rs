//! The file sink: the text of each record becomes a line of a file, or of standard output.

use std::io::Write as _;
use std::sync::Arc;

use connect_core::data::Value;
use connect_core::offset::Alteration;
use connect_core::record::SinkRecord;
use connect_core::sink::{SinkContext, SinkOffsetChanges, SinkTask};
use connect_core::{ConnectorConfig, Result, sink_connector, sink_task};
use memchr::memchr;
use tokio::task::spawn_blocking;

use self::output::{Output, Written};
use crate::blocking::finished;

mod output;
#[cfg(test)]
mod tests;

/// Lines are written so many bytes at a time. Few enough to be in the processor's cache still, and for the
/// system to put them into pages that it has at hand: what it takes for a large write costs several times as much on
/// a virtual machine, which has to ask its host for it. Enough for a few hundred lines a call.
const PORTION: usize = 32 << 10;

/// Room that is kept between two batches.
const KEPT_ROOM: usize = 8 * PORTION;

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
    /// Lines of one batch. Between two it is empty, or holds the rest of a line whose
    /// beginning was written before something failed.
    lines: Vec<u8>,
}

#[sink_task]
impl SinkTask for FileStreamSink {
    type Config = FileStreamSinkConfig;

    async fn start(config: FileStreamSinkConfig, _: SinkContext) -> Result<Self> {
        let output = match config.file.filter(|it| !it.is_empty()) {
            Some(path) => finished(spawn_blocking(move || Output::append_to(path.into())).await)??,
            None => Output::Stdout,
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
        let torn = self.lines.len();
        // The records are in the cache of this thread's processor, so they are read and dropped here.
        for record in &records {
            push_line(&record.value, &mut self.lines);
        }
        drop(records);
        let mut lines = std::mem::take(&mut self.lines);
        let output = Arc::clone(&self.output);
        let writing = spawn_blocking(move || {
            let written = write_portions(&lines, |it| output.write(it));
            keep_torn_line(&mut lines, torn, &written);
            (lines, written.outcome)
        });
        let (lines, outcome) = finished(writing.await)?;
        self.lines = lines;
        outcome
    }
}

/// Writes lines a portion at a time, each of which ends with a line.
fn write_portions(lines: &[u8], write: impl Fn(&[u8]) -> Written) -> Written {
    let mut written = Written {
        bytes: 0,
        outcome: Ok(()),
    };
    while written.outcome.is_ok() && written.bytes < lines.len() {
        let rest = &lines[written.bytes..];
        let full = rest.get(PORTION - 1..).unwrap_or_default();
        let end = memchr(b'\n', full).map_or(rest.len(), |it| PORTION + it);
        let portion = write(&rest[..end]);
        written.bytes += portion.bytes;
        written.outcome = portion.outcome;
    }
    written
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
