//! A sink connector: it collects lines and prints them when offsets are committed.

#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations)]

use std::io::{self, Write as _};

use connect_core::prelude::*;

/// How lines look.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct TemplateConfig {
    /// Text in front of each line.
    #[config(default = "")]
    prefix: String,
}

/// Prints the value of each record on a line.
#[sink_connector]
#[derive(Debug)]
pub struct Template {
    config: TemplateConfig,
    lines: Vec<String>,
}

#[sink_task]
impl SinkTask for Template {
    type Config = TemplateConfig;

    async fn start(config: TemplateConfig, _: SinkContext) -> Result<Self> {
        let lines = Vec::new();
        Ok(Self { config, lines })
    }

    async fn put(&mut self, records: Vec<SinkRecord>) -> Result<()> {
        let prefix = &self.config.prefix;
        let lines = records.iter().map(|it| format!("{prefix}{}", it.value));
        self.lines.extend(lines);
        Ok(())
    }

    /// Offsets are committed after this, so what was collected must be safe by then.
    async fn flush(&mut self, _: &SinkOffsets) -> Result<()> {
        let mut out = io::stdout().lock();
        for line in self.lines.drain(..) {
            writeln!(out, "{line}")
                .map_err(|error| ConnectError::retriable("cannot print").caused_by(error))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use connect_core::testing::{self, SinkHarness};

    use super::*;

    #[test]
    fn records_are_committed_once_they_are_printed() {
        testing::run(async {
            let mut sink = SinkHarness::<Template>::new(Props::new());
            let mut record = Record::new("orders");
            record.value = "first".into();
            sink.start().await.unwrap();
            sink.produce(record);

            sink.deliver().await.unwrap();
            assert_eq!(sink.committed("orders", 0), 0);
            sink.commit().await.unwrap();

            assert_eq!(sink.committed("orders", 0), 1);
        });
    }
}
