//! The file source alone, polled from a plain loop: without a worker around it, and without a topic.

use std::path::Path;
use std::sync::Arc;

use connect_core::config::Props;
use connect_core::offset::OffsetMap;
use connect_core::plugin::PluginEntry;
use connect_core::registry::PluginRegistry;
use connect_core::source::TaskContext;
use connect_file as _;
use tokio_util::sync::CancellationToken;

/// Polls the lines of a file until so many are there.
pub(crate) async fn poll(file: &Path, count: u64) {
    let registry = PluginRegistry::from_inventory().expect("the names of plugins differ");
    let plugin = registry.connector("FileStreamSource");
    let Some(PluginEntry::Source { start, .. }) = plugin.map(|it| it.entry).ok() else {
        unreachable!("the file source is linked");
    };
    let file = file.to_str().expect("the path is text");
    let props = Props::from_iter([("file", file), ("topic", "lines")]);
    let stopping = CancellationToken::new();
    let context = TaskContext::new("alone", 0, stopping, Arc::new(|_: &OffsetMap| None));
    let mut task = start(props, context).await.expect("the file can be read");
    let mut taken = 0;
    while taken < count {
        let batch = task.poll().await.expect("the file can be read");
        taken += batch.records.len() as u64;
    }
}
