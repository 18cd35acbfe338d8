//! The file source: lines of a file, or of standard input, become records.

use std::time::{SystemTime, UNIX_EPOCH};

use connect_core::data::{Name, Schema, SchemaRef, Topic};
use connect_core::offset::{
    Alteration, OffsetChanges, OffsetError, OffsetField as _, OffsetMap, OffsetValue, SourceOffset,
};
use connect_core::record::SourceRecord;
use connect_core::source::{Batch, ExactlyOnceSupport, SourceContext, SourceTask};
use connect_core::{
    ConnectError, ConnectorConfig, Result, SourcePartition, source_connector, source_task,
};
use tokio::task::yield_now;
use tracing::warn;

use self::followed::FollowedFile;
use self::lines::{LineTooLong, Lines, Place};

mod alteration;
mod followed;
mod lines;
mod stdin;
#[cfg(test)]
mod tests;

/// Most records that are made at once, however many are asked for. So few stay in the processor's cache
/// until they are sent.
const MOST_RECORDS: usize = 1_024;

/// Which file becomes which topic.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct FileStreamSourceConfig {
    /// File to read; standard input if there is none.
    #[config(importance = high, example = "orders.txt")]
    file: Option<String>,

    /// Topic that receives a record for every line.
    #[config(importance = high, non_empty, example = "orders")]
    topic: String,

    /// Most records that one poll returns; never more than 1024.
    #[config(importance = low, default = 2000)]
    batch_size: i32,
}

/// The file that lines come from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, SourcePartition)]
pub struct SourceFile {
    /// The path as it was configured; `None` for standard input.
    filename: Option<Name>,
}

/// Number of bytes of a file up to the end of a line; `None` for standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilePosition(Option<u64>);

impl SourceOffset for FilePosition {
    fn to_stored(&self) -> OffsetMap {
        // Files are shorter than 2^63 bytes.
        let position = self.0.map(u64::cast_signed);
        OffsetMap::new().with("position", position.to_field())
    }

    fn from_stored(stored: &OffsetMap) -> Result<Self, OffsetError> {
        let rejected = |problem: &str| OffsetError::Rejected(problem.to_owned());
        match stored.get("position") {
            None | Some(OffsetValue::Null) => Ok(Self(None)),
            Some(OffsetValue::Integer(position)) => u64::try_from(*position)
                .map(|it| Self(Some(it)))
                .map_err(|_| rejected("Offset position is negative")),
            Some(_) => Err(rejected("Offset position is the incorrect type")),
        }
    }
}

/// Sends each line of a file to a topic, and goes on with the lines that are appended.
///
/// One task reads the file, or standard input if no file is named. A last line that has no end yet
/// is sent once it is ended. After a restart the task continues behind the last line that was
/// acknowledged.
#[source_connector(
    name = "org.apache.kafka.connect.file.FileStreamSourceConnector",
    version = "4.3.1",
    tasks = single
)]
#[derive(Debug)]
pub struct FileStreamSource {
    topic: Topic,
    batch_size: usize,
    partition: SourceFile,
    input: Input,
    lines: Lines,
    /// Where the next line starts; `None` for standard input.
    position: FilePosition,
    value_schema: SchemaRef,
}

/// Where bytes come from.
#[derive(Debug)]
enum Input {
    File(FollowedFile),
    Stdin,
}

#[source_task]
impl SourceTask for FileStreamSource {
    type Config = FileStreamSourceConfig;
    type Partition = SourceFile;
    type Offset = FilePosition;

    async fn start(config: FileStreamSourceConfig, cx: SourceContext<Self>) -> Result<Self> {
        let file = config.file.filter(|it| !it.is_empty());
        let partition = SourceFile {
            filename: file.as_deref().map(Name::from),
        };
        let (input, position) = match file {
            Some(path) => {
                let stored = cx.offset(&partition).await?;
                let position = stored.and_then(|it| it.0).unwrap_or(0);
                let file = FollowedFile::new(path.into(), position);
                (Input::File(file), Some(position))
            }
            None => (Input::Stdin, None),
        };
        Ok(Self {
            topic: config.topic.into(),
            batch_size: usize::try_from(config.batch_size)
                .unwrap_or(0)
                .clamp(1, MOST_RECORDS),
            partition,
            input,
            lines: Lines::default(),
            position: FilePosition(position),
            value_schema: Schema::string(),
        })
    }

    /// Lines leave the buffer behind the last await, so a poll that is dropped loses none.
    async fn poll(&mut self) -> Result<Batch<Self>> {
        while !self.lines.has_next() {
            let buffer = self.lines.pending();
            let read = match &mut self.input {
                Input::File(file) => file.read(buffer).await?,
                Input::Stdin => stdin::read(buffer).await?,
            };
            if read == 0 {
                self.lines.rest();
                return Ok(Vec::new());
            }
            self.lines.cut().map_err(|err| self.refuse(err))?;
            if !self.lines.has_next() {
                // A line may be as long as memory is large.
                yield_now().await;
            }
        }
        Ok(self.take_batch())
    }

    fn exactly_once_support(config: &FileStreamSourceConfig) -> Option<ExactlyOnceSupport> {
        let reads_a_file = config.file.as_deref().is_some_and(|it| !it.is_empty());
        Some(match reads_a_file {
            true => ExactlyOnceSupport::Supported,
            false => ExactlyOnceSupport::Unsupported,
        })
    }

    async fn alter_offsets(
        config: FileStreamSourceConfig,
        changes: OffsetChanges<SourceFile, FilePosition>,
    ) -> Result<Alteration> {
        alteration::check(config.file.as_deref(), &changes)
    }
}

impl FileStreamSource {
    /// Records are made where the batch has them: to move one takes longer than to make it.
    fn take_batch(&mut self) -> Batch<Self> {
        let timestamp = now_millis();
        let mut record = |place: Place| {
            if let Some(position) = &mut self.position.0 {
                *position += u64::from(place.length);
            }
            SourceRecord::new(&self.topic, self.partition.clone(), self.position).read_at(timestamp)
        };
        let schema = || self.value_schema.clone();
        let taken = self.lines.take(self.batch_size);
        let mut batch: Batch<Self> = taken.places.iter().map(|it| record(*it)).collect();
        let mut repaired = None;
        for (record, place) in batch.iter_mut().zip(taken.places) {
            if let Some(text) = taken.text {
                record.set_value_part(schema(), text, place.range());
                continue;
            }
            let (text, is_repaired) = taken.line(*place);
            record.set_value_part(schema(), &text, 0..text.len());
            if is_repaired && repaired.is_none() {
                let end = record.source_offset().0;
                repaired = Some(end.map(|end| end - u64::from(place.length)));
            }
        }
        if let Some(position) = repaired {
            warn!(
                file = self.name(),
                position,
                "line is not UTF-8, its bad bytes become U+FFFD; only the first in a batch is told"
            );
        }
        batch
    }

    fn refuse(&self, line: LineTooLong) -> ConnectError {
        ConnectError::fatal(format_args!(
            "cannot read {} after byte {}",
            self.name(),
            self.position.0.unwrap_or(0)
        ))
        .caused_by(line)
    }

    fn name(&self) -> &str {
        let name = self.partition.filename.as_deref();
        name.unwrap_or("standard input")
    }
}

fn now_millis() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since_epoch.map_or(0, |it| it.as_millis());
    i64::try_from(millis).unwrap_or(i64::MAX)
}
