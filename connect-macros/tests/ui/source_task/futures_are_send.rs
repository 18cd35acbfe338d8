use connect_core::prelude::*;

use std::rc::Rc;

struct Task;

#[source_task]
impl SourceTask for Task {
    type Config = NoConfig;

    async fn start(_: NoConfig, _: SourceContext<Self>) -> Result<Self> {
        Ok(Self)
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        let count = Rc::new(1);
        std::future::ready(()).await;
        drop(count);
        Ok(Vec::new())
    }
}

fn main() {}
