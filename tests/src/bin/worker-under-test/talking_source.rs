//! A source that tells the log what it does, on the thread that it has for its blocking methods.

use connect_core::prelude::*;

/// From one word to the next.
const PACE: Duration = Duration::from_millis(50);

/// Where the words go.
#[derive(Clone, Debug, ConnectorConfig)]
pub(crate) struct TalkingConfig {
    /// Topic of the words.
    #[config(importance = high)]
    topic: String,
}

/// Says a word at each poll, and logs that it does.
#[source_connector(name = "org.example.TalkingSource")]
#[derive(Debug)]
pub(crate) struct TalkingSource {
    topic: String,
}

#[source_task(blocking)]
impl SourceTask for TalkingSource {
    type Config = TalkingConfig;
    type Partition = ();
    type Offset = ();

    fn start(config: TalkingConfig, _: SourceContext<Self>) -> Result<Self> {
        tracing::info!("the plugin starts");
        let TalkingConfig { topic } = config;
        Ok(Self { topic })
    }

    fn poll(&mut self) -> Result<Batch<Self>> {
        tracing::info!(text = "two\nlines, \"quoted\"", "the plugin polls");
        std::thread::park_timeout(PACE);
        let word = SourceRecord::new(self.topic.as_str(), (), ());
        Ok(vec![word.value("word")])
    }
}
