//! A consumer's subscription, assignment, positions and commits. Nothing here waits for a broker.

use std::{sync::Arc, time::Duration};

use rdkafka::bindings as sys;

use super::{
    client::Client,
    errors::{check, take_error},
    partitions::{Listed, PartitionList},
    queue::{Event, Queue},
    transactions::millis,
};
use crate::error::Result;

impl Client {
    /// Asks the group for partitions of these topics.
    pub(crate) fn subscribe(&self, topics: &PartitionList) -> Result<()> {
        // SAFETY: client and list are alive; the library copies the list.
        check(unsafe { sys::rd_kafka_subscribe(self.raw(), topics.raw()) })
    }

    /// Wants no partitions from the group any more.
    pub(crate) fn unsubscribe(&self) -> Result<()> {
        // SAFETY: the client is alive.
        check(unsafe { sys::rd_kafka_unsubscribe(self.raw()) })
    }

    /// Makes these the partitions to read; none at all without a list.
    pub(crate) fn assign(&self, partitions: Option<&PartitionList>) -> Result<()> {
        let list = partitions.map_or(std::ptr::null_mut(), PartitionList::raw);
        // SAFETY: the client is alive, the list is null or alive; the library copies it.
        check(unsafe { sys::rd_kafka_assign(self.raw(), list) })
    }

    /// Adds partitions to those that are read.
    pub(crate) fn incremental_assign(&self, partitions: &PartitionList) -> Result<()> {
        // SAFETY: client and list are alive; the error object is ours.
        unsafe {
            take_error(sys::rd_kafka_incremental_assign(
                self.raw(),
                partitions.raw(),
            ))
        }
    }

    /// Takes partitions away from those that are read.
    pub(crate) fn incremental_unassign(&self, partitions: &PartitionList) -> Result<()> {
        // SAFETY: client and list are alive; the error object is ours.
        unsafe {
            take_error(sys::rd_kafka_incremental_unassign(
                self.raw(),
                partitions.raw(),
            ))
        }
    }

    /// Whether the group hands partitions over one by one.
    pub(crate) fn is_cooperative(&self) -> bool {
        // SAFETY: the client is alive; the text is static.
        let protocol = unsafe { super::text::text(sys::rd_kafka_rebalance_protocol(self.raw())) };
        protocol == "COOPERATIVE"
    }

    /// Offsets behind the last record taken from each partition; negative if none was.
    pub(crate) fn positions(&self, partitions: &mut PartitionList) -> Result<Vec<Listed>> {
        // SAFETY: client and list are alive; the list is lent to the library during the call only, and exclusively.
        check(unsafe { sys::rd_kafka_position(self.raw(), partitions.raw()) })?;
        Ok(partitions.to_vec())
    }

    /// Blocks until each partition of the list has an outcome, at most `timeout`: it continues at its offset, or the
    /// list says why not.
    pub(crate) fn seek(&self, partitions: &mut PartitionList, timeout: Duration) -> Result<()> {
        // A time-out of zero would not wait for outcomes at all.
        let timeout = millis(timeout).max(1);
        // SAFETY: client and list are alive; the list is lent to the library during the call only, and exclusively. The
        // error object is ours.
        unsafe {
            take_error(sys::rd_kafka_seek_partitions(
                self.raw(),
                partitions.raw(),
                timeout,
            ))
        }
    }

    /// Stops fetching partitions and drops what was fetched of them.
    pub(crate) fn pause(&self, partitions: &mut PartitionList) -> Result<()> {
        // SAFETY: client and list are alive; the list is lent to the library during the call only, and exclusively.
        check(unsafe { sys::rd_kafka_pause_partitions(self.raw(), partitions.raw()) })
    }

    /// Fetches partitions again.
    pub(crate) fn resume(&self, partitions: &mut PartitionList) -> Result<()> {
        // SAFETY: client and list are alive; the list is lent to the library during the call only, and exclusively.
        check(unsafe { sys::rd_kafka_resume_partitions(self.raw(), partitions.raw()) })
    }

    /// Starts to leave the group; what has to be done on the way arrives on the queue.
    pub(crate) fn start_close(&self, queue: &Queue) -> Result<()> {
        // SAFETY: client and queue are alive; the error object is ours.
        unsafe { take_error(sys::rd_kafka_consumer_close_queue(self.raw(), queue.raw())) }
    }

    /// Whether the group has been left.
    pub(crate) fn is_closed(&self) -> bool {
        // SAFETY: the client is alive.
        unsafe { sys::rd_kafka_consumer_closed(self.raw()) != 0 }
    }
}

impl Queue {
    /// A queue on which the outcome of committing these offsets will arrive.
    pub(crate) fn of_commit(client: &Arc<Client>, offsets: &PartitionList) -> Result<Self> {
        let queue = Self::new(client);
        // SAFETY: client, list and queue are alive; the library copies the list and keeps the queue. Without a
        // callback the outcome is an event.
        check(unsafe {
            sys::rd_kafka_commit_queue(
                client.raw(),
                offsets.raw(),
                queue.raw(),
                None,
                std::ptr::null_mut(),
            )
        })?;
        Ok(queue)
    }
}

impl Event {
    /// Partitions of a commit's outcome.
    pub(crate) fn partitions(&self) -> Vec<Listed> {
        // SAFETY: the event is alive and keeps the list, if it has one.
        unsafe { PartitionList::read(sys::rd_kafka_event_topic_partition_list(self.raw())) }
    }
}
