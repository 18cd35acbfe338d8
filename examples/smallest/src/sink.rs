//! The smallest sink that is of use.

use connect_core::prelude::*;

/// Prints records.
#[sink_connector]
pub struct PrintSink;

#[sink_task]
impl SinkTask for PrintSink {
    type Config = NoConfig;

    async fn start(_: NoConfig, _: SinkContext) -> Result<Self> {
        Ok(Self)
    }

    async fn put(&mut self, records: Vec<SinkRecord>) -> Result<()> {
        for record in records {
            println!("{record:?}");
        }
        Ok(())
    }
}
