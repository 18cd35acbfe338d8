//! What the broker does to its files by itself: it puts them on the disk.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use tracing::warn;

use crate::node::Node;

/// How often the broker looks for records that are not on the disk yet.
const CHECKPOINT_CHECK: Duration = Duration::from_secs(1);

/// Puts on the disk what has grown enough, so that a start need not read it. Never ends.
pub(crate) async fn watch_checkpoints(node: Rc<Node>) {
    loop {
        tokio::time::sleep(CHECKPOINT_CHECK).await;
        let wanted = node.topics.borrow().wanting_checkpoints();
        for (topic, partition) in wanted {
            if let Err(error) = checkpoint(&node, &topic, partition).await {
                warn!(topic, partition, %error, "cannot put records on the disk");
            }
        }
    }
}

async fn checkpoint(node: &Node, topic: &str, partition: i32) -> io::Result<()> {
    let (id, checkpoint) = {
        let mut topics = node.topics.borrow_mut();
        let Some((id, log)) = topics.log_of(topic, partition) else {
            return Ok(());
        };
        (id, log.begin_checkpoint()?)
    };
    // The disk may take its time; requests go on meanwhile.
    let synced = tokio::task::spawn_blocking(move || {
        checkpoint.sync()?;
        io::Result::Ok(checkpoint)
    });
    let checkpoint = synced.await.map_err(io::Error::other)??;
    let mut topics = node.topics.borrow_mut();
    match topics.log_of(topic, partition) {
        // A topic of the same name may be another one.
        Some((same, log)) if same == id => log.end_checkpoint(checkpoint),
        _ => Ok(()),
    }
}
