use connect_core::prelude::*;

struct Task;

#[source_task]
impl SourceTask for Task {
    type Config = NoConfig;

    async fn start(_: NoConfig, _: SourceContext<Self>) -> Result<Self> {
        Ok(Self)
    }
}

fn main() {}
