use connect_core::config::Plugin;
use connect_core::converter::ErasedConverter;
use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// What makes data out of a line.
    format: Plugin<dyn ErasedConverter>,
    /// Which of them.
    #[config(key = "format.version")]
    version: String,
}

fn main() {}
