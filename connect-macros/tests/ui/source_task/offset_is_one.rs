use connect_core::prelude::*;

/// A source.
#[source_connector]
struct Source;

#[derive(Clone)]
struct Offset {
    id: i64,
}

#[source_task]
impl SourceTask for Source {
    type Config = NoConfig;
    type Offset = Offset;

    async fn start(_: NoConfig, _: SourceContext<Self>) -> Result<Self> {
        Ok(Self)
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        Ok(vec![])
    }
}

fn main() {}
