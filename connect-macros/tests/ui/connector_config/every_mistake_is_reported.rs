use connect_core::prelude::*;

#[derive(Clone, ConnectorConfig)]
struct Config {
    #[config(importance = hihg)]
    hostname: String,
    /// The port.
    #[config(default = "abc", group = "net")]
    port: u16,
}

/// Uses a configuration with mistakes, which adds no message.
#[sink_connector]
struct Sink;

#[sink_task]
impl SinkTask for Sink {
    type Config = Config;

    async fn start(_: Config, _: SinkContext) -> Result<Self> {
        Ok(Self)
    }

    async fn put(&mut self, _: Vec<SinkRecord>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
