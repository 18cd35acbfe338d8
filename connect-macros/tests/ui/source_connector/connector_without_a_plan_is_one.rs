use connect_core::prelude::*;

/// A source.
#[source_connector(task = Task)]
struct Source;

struct Task;

#[source_task]
impl SourceTask for Task {
    type Config = NoConfig;

    async fn start(_: NoConfig, _: SourceContext<Self>) -> Result<Self> {
        Ok(Self)
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        Ok(Vec::new())
    }
}

fn main() {}
