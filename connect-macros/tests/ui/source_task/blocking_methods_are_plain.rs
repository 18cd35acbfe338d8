use connect_core::prelude::*;

struct Task;

#[source_task(blocking)]
impl SourceTask for Task {
    type Config = NoConfig;

    fn start(_: NoConfig, _: SourceContext<Self>) -> Result<Self> {
        Ok(Self)
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        Ok(Vec::new())
    }
}

fn main() {}
