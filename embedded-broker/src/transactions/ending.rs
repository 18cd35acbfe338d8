//! How a transaction ends: the outcome into the journal, markers into the partitions, offsets to
//! the groups.

use std::collections::BTreeSet;

use kafka_protocol::ResponseError;
use tracing::{info, warn};

use super::story::Fact;
use super::{Identity, State};
use crate::batch::Outcome;
use crate::config::SyncPolicy;
use crate::node::{Node, now_ms};
use crate::refusal::Refusal;

/// Ends the transaction of a client that asks for it. Asking again for the same end is all right.
pub(crate) fn end(
    node: &Node,
    id: &str,
    client: Identity,
    outcome: Outcome,
) -> Result<(), Refusal> {
    let state = {
        let transactions = node.transactions.borrow();
        let found = transactions.check(id, client);
        let found = found.map_err(|error| Refusal::new(error, format!("of {id}")))?;
        found.state
    };
    match state {
        State::Ongoing => {
            decide(node, id, client.epoch, outcome)?;
            finish(node, id)
        }
        State::Ended(before) if before == outcome => Ok(()),
        State::Empty | State::Ending(_) | State::Ended(_) => {
            let text = format!("there is no transaction of {id} to end like this");
            Err(Refusal::new(ResponseError::InvalidTxnState, text))
        }
    }
}

/// Aborts the transaction of an id under the next epoch, so that its producer is fenced off.
pub(crate) fn fence(node: &Node, id: &str) -> Result<(), Refusal> {
    let epoch = {
        let transactions = node.transactions.borrow();
        let found = transactions.get(id).filter(|it| it.state == State::Ongoing);
        let Some(found) = found else {
            return Ok(());
        };
        let identity = found.identity;
        identity.next().map_or(identity.epoch, |it| it.epoch)
    };
    decide(node, id, epoch, Outcome::Abort)?;
    finish(node, id)
}

/// Aborts what has been open for too long, and finishes what could not be finished before. Returns whether all of that
/// could be done.
pub(crate) fn tidy(node: &Node, now: i64) -> bool {
    let mut all_done = true;
    let overdue = node.transactions.borrow().overdue(now);
    for id in overdue {
        info!(
            transactional_id = id,
            "a transaction took too long and is aborted"
        );
        if let Err(refusal) = fence(node, &id) {
            all_done = false;
            warn!(
                transactional_id = id,
                reason = refusal.message,
                "cannot abort"
            );
        }
    }
    finish_all(node) && all_done
}

/// Returns whether nothing is left.
fn finish_all(node: &Node) -> bool {
    let mut all_done = true;
    let unfinished = node.transactions.borrow().unfinished();
    for id in unfinished {
        if let Err(refusal) = finish(node, &id) {
            all_done = false;
            warn!(
                transactional_id = id,
                reason = refusal.message,
                "cannot end"
            );
        }
    }
    all_done
}

/// Finishes what a crash interrupted. A transaction that is open in a partition, and of which the
/// journal knows nothing, is aborted: only a crash of the machine can have left it.
pub(crate) fn recover(node: &Node) {
    // What is left is tried again while the broker runs.
    _ = finish_all(node);
    let now = now_ms();
    let mut topics = node.topics.borrow_mut();
    let transactions = node.transactions.borrow();
    for (topic, index, rolling, partition) in topics.partitions_mut() {
        for (producer_id, epoch) in partition.log.open_transactions() {
            let place = (topic.to_owned(), index);
            let client = Identity { producer_id, epoch };
            if transactions.check_write(client, &place).is_ok() {
                continue;
            }
            warn!(
                topic,
                partition = index,
                producer_id,
                "aborted an unknown transaction"
            );
            let log = &mut partition.log;
            let written = log.append_marker(Outcome::Abort, (producer_id, epoch), rolling, now);
            if let Err(error) = written {
                warn!(topic, partition = index, %error, "cannot abort");
            }
        }
    }
}

fn decide(node: &Node, id: &str, epoch: i16, outcome: Outcome) -> Result<(), Refusal> {
    node.transactions.borrow_mut().record(Fact::Ending {
        id: id.to_owned(),
        epoch,
        outcome,
        at: now_ms(),
    })
}

/// Writes markers and offsets of a transaction whose outcome is decided. What is written already,
/// is not written again.
fn finish(node: &Node, id: &str) -> Result<(), Refusal> {
    let Some(transaction) = node.transactions.borrow().get(id).cloned() else {
        return Ok(());
    };
    let State::Ending(outcome) = transaction.state else {
        return Ok(());
    };
    write_markers(node, &transaction.partitions, transaction.identity, outcome)?;
    if outcome == Outcome::Commit {
        let mut groups = node.groups.borrow_mut();
        for (group, commits) in transaction.groups {
            let commits = commits.into_iter().collect();
            let stored = groups.offsets.commit(&group, commits);
            stored.map_err(|error| Refusal::storage("the committed offsets", &error))?;
        }
    }
    let mut transactions = node.transactions.borrow_mut();
    transactions.record(Fact::Ended { id: id.to_owned() })
}

fn write_markers(
    node: &Node,
    partitions: &BTreeSet<(String, i32)>,
    identity: Identity,
    outcome: Outcome,
) -> Result<(), Refusal> {
    let now = now_ms();
    let mut topics = node.topics.borrow_mut();
    for (topic, index) in partitions {
        // A topic may have been deleted meanwhile.
        let Ok((meaning, partition)) = topics.partition(topic, *index) else {
            continue;
        };
        let log = &mut partition.log;
        if !log.has_open_transaction(identity.producer_id) {
            continue;
        }
        let producer = (identity.producer_id, identity.epoch);
        let mut written = log.append_marker(outcome, producer, meaning.rolling, now);
        if node.config.sync == SyncPolicy::EveryWrite {
            written = written.and_then(|()| log.sync());
        }
        written.map_err(|error| Refusal::storage(format_args!("{topic}-{index}"), &error))?;
        partition.wake();
    }
    Ok(())
}
