//! A source that waits for ever, with as many tasks as it may have.

use connect_core::prelude::*;

/// Waits for ever.
#[source_connector(name = "org.example.IdleSource", tasks = replicate)]
#[derive(Debug)]
pub(crate) struct IdleSource;

#[source_task]
impl SourceTask for IdleSource {
    type Config = NoConfig;
    type Partition = ();
    type Offset = ();

    async fn start(_: NoConfig, _: SourceContext<Self>) -> Result<Self> {
        Ok(Self)
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        std::future::pending().await
    }
}
