//! The cases: what is moved, in which format, through which connectors.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use connect_tests::eventually::eventually;
use connect_tests::kafka::Kafka;
use connect_tests::lines::difference;
use reqwest::Method;
use serde_json::{Value, json};

use crate::bare::{Calls, Loop};
use crate::engine::Running;
use crate::fill::{Lines, Topic};
use crate::sample::{Meter, Sample};

const LIMIT: Duration = Duration::from_secs(600);
const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";
/// Topics and connectors of all runs get names of their own.
static RUNS: AtomicU32 = AtomicU32::new(0);

/// One comparison.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    way: Way,
    format: Format,
    transforms: bool,
    pub(crate) partitions: i32,
    pub(crate) line_bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Source,
    Sink,
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    String,
    Json,
    JsonWithSchemas,
}

impl Case {
    /// Length of a line without its end, unless a case is about another one.
    pub(crate) const LINE_BYTES: usize = 99;
    /// Length of a long one.
    pub(crate) const LONG_LINE_BYTES: usize = 1_000;

    /// All cases, in the order of the table.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        use Format::{Json, JsonWithSchemas, String};
        let plain = |way, format| Self {
            way,
            format,
            transforms: false,
            partitions: 1,
            line_bytes: Self::LINE_BYTES,
        };
        let formats = [String, Json, JsonWithSchemas];
        let sources = formats.map(|format| plain(Way::Source, format));
        let transformed = Self {
            transforms: true,
            ..plain(Way::Source, Json)
        };
        let sinks = formats.map(|format| plain(Way::Sink, format));
        let ways = [Way::Source, Way::Sink];
        let wide = ways.map(|way| Self {
            partitions: 8,
            ..plain(way, String)
        });
        let long = ways.map(|way| Self {
            line_bytes: Self::LONG_LINE_BYTES,
            ..plain(way, String)
        });
        sources
            .into_iter()
            .chain([transformed])
            .chain(sinks)
            .chain([plain(Way::Both, String)])
            .chain(wide)
            .chain(long)
    }

    /// How the case is called in the table.
    pub(crate) fn name(&self) -> String {
        let way = match self.way {
            Way::Source => "source",
            Way::Sink => "sink",
            Way::Both => "file → topic → file",
        };
        let format = match self.format {
            Format::String => "String",
            Format::Json => "JSON",
            Format::JsonWithSchemas => "JSON with schemas",
        };
        let transforms = match self.transforms {
            true => ", HoistField and InsertField",
            false => "",
        };
        let partitions = match self.partitions {
            1 => String::new(),
            more => format!(", {more} partitions"),
        };
        let bytes = match self.line_bytes {
            Self::LINE_BYTES => "",
            _ => ", 1 kB",
        };
        format!("{way}, {format}{transforms}{partitions}{bytes}")
    }

    /// The loops over the clients alone that do the same work.
    pub(crate) fn bare(&self) -> Vec<Loop> {
        let is_plain = self.format == Format::String;
        let ways: &[fn(Calls) -> Loop] = match self.way {
            Way::Source if is_plain => &[Loop::Produce],
            Way::Sink if is_plain => &[Loop::Consume],
            _ => &[],
        };
        let calls = [Calls::Single, Calls::Batch];
        ways.iter().flat_map(|way| calls.map(way)).collect()
    }

    /// Moves all lines once.
    pub(crate) async fn run(&self, worker: &Running, kafka: &Kafka, lines: &Lines) -> Sample {
        let run = RUNS.fetch_add(1, Ordering::Relaxed);
        let name = format!("bench-{run}");
        let topic = Topic::create(kafka.bootstrap(), &name, self.partitions).await;
        let out = worker.dir.join(format!("{name}.txt"));
        if self.way == Way::Sink {
            let (before, after) = self.envelope();
            topic.fill(lines, before, after).await;
        }

        let meter = Meter::start(worker.pid(), kafka.pid());
        let mut created = Vec::new();
        if self.way != Way::Sink {
            created.push(format!("{name}-source"));
            let config = self.source(&lines.path, &name);
            worker
                .rest()
                .create(&format!("{name}-source"), &config)
                .await;
        }
        if self.way != Way::Source {
            created.push(format!("{name}-sink"));
            let config = self.sink(&out, &name);
            worker.rest().create(&format!("{name}-sink"), &config).await;
            wait_length(&out, lines.bytes()).await;
        } else {
            topic.wait_records(lines.count).await;
        }
        let sample = meter.stop(lines.count);

        for connector in created {
            let path = format!("/connectors/{connector}");
            let answer = worker.rest().send(Method::DELETE, &path, None).await;
            assert_eq!(answer.status, 204, "{answer:?}");
        }
        if self.way != Way::Source {
            self.check(&lines.path, &out);
            fs::remove_file(&out).expect("the sink's file is there");
        }
        topic.delete().await;
        sample
    }

    /// With several partitions the lines come in another order.
    fn check(&self, source: &Path, sink: &Path) {
        let read = |path| fs::read(path).expect("the file can be read");
        let (mut source, mut sink) = (read(source), read(sink));
        if self.partitions > 1 {
            source = sorted(&source);
            sink = sorted(&sink);
        }
        assert_eq!(difference(&source, &sink), None, "{}", self.name());
    }

    fn source(&self, file: &Path, topic: &str) -> Value {
        let mut config = json!({
            "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
            "file": file,
            "topic": topic,
        });
        if self.transforms {
            config["transforms"] = "hoist,insert".into();
            config["transforms.hoist.type"] =
                "org.apache.kafka.connect.transforms.HoistField$Value".into();
            config["transforms.hoist.field"] = "line".into();
            config["transforms.insert.type"] =
                "org.apache.kafka.connect.transforms.InsertField$Value".into();
            config["transforms.insert.static.field"] = "origin".into();
            config["transforms.insert.static.value"] = "bench".into();
        }
        self.with_converter(config)
    }

    fn sink(&self, file: &Path, topic: &str) -> Value {
        self.with_converter(json!({
            "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector",
            "file": file,
            "topics": topic,
        }))
    }

    fn with_converter(&self, mut config: Value) -> Value {
        if self.format != Format::String {
            let schemas = self.format == Format::JsonWithSchemas;
            config["value.converter"] = JSON.into();
            config["value.converter.schemas.enable"] = schemas.to_string().into();
        }
        config
    }

    /// What stands around a line in a topic of this format.
    fn envelope(&self) -> (&'static str, &'static str) {
        match self.format {
            Format::String => ("", ""),
            Format::Json => ("\"", "\""),
            Format::JsonWithSchemas => (
                r#"{"schema":{"type":"string","optional":false},"payload":""#,
                "\"}",
            ),
        }
    }
}

async fn wait_length(file: &Path, length: u64) {
    eventually(LIMIT, "all bytes in the sink's file", async || {
        let found = fs::metadata(file).map_or(0, |file| file.len());
        if found >= length { Ok(()) } else { Err(found) }
    })
    .await;
}

fn sorted(text: &[u8]) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    lines.sort_unstable();
    lines.concat()
}
