use connect_core::prelude::*;

/// A sink.
#[sink_connector(task = Source, tasks = replicate)]
struct Sink;

struct Source;

#[source_task]
impl SourceTask for Source {
    type Config = Config;

    async fn start(_: Config, _: SourceContext<Self>) -> Result<Self> {
        Ok(Self)
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        Ok(Vec::new())
    }
}

/// A configuration.
#[derive(Clone, ConnectorConfig)]
struct Config {
    /// Tables to read.
    tables: Vec<String>,
    /// Port of the server.
    port: u16,
}

fn main() {}
