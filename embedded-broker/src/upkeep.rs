//! What the broker does to its files by itself: it puts them on the disk, and compacts them.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::log::CleaningRules;
use crate::node::{Node, now_ms};

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

/// Compacts what is worth it. Never ends; work under way stops when `stop` is cancelled.
pub(crate) async fn watch_compaction(node: Rc<Node>, stop: CancellationToken) {
    loop {
        tokio::time::sleep(node.config.compaction_interval).await;
        let compacted = node.topics.borrow().compacted();
        for (topic, partition, rules) in compacted {
            if let Err(error) = compact(&node, (&topic, partition), rules, &stop).await {
                warn!(topic, partition, %error, "cannot compact");
            }
        }
    }
}

async fn compact(
    node: &Node,
    (topic, partition): (&str, i32),
    rules: CleaningRules,
    stop: &CancellationToken,
) -> io::Result<()> {
    let (id, cleaning) = {
        let mut topics = node.topics.borrow_mut();
        let planned = topics
            .log_of(topic, partition)
            .and_then(|(id, log)| Some((id, log.plan_cleaning(rules, now_ms())?)));
        match planned {
            Some(planned) => planned,
            None => return Ok(()),
        }
    };
    let stop = stop.clone();
    // Segments that are read for this never change; requests go on meanwhile.
    let work = tokio::task::spawn_blocking(move || cleaning.run(&|| stop.is_cancelled()));
    let replacement = work.await.map_err(io::Error::other)??;
    let mut topics = node.topics.borrow_mut();
    if let Some((same, log)) = topics.log_of(topic, partition)
        && same == id
        && log.accept(replacement)?
    {
        debug!(topic, partition, bytes = log.size(), "compacted");
    }
    Ok(())
}
