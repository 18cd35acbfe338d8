//! Which partition a record goes to that names none.
//!
//! Keys are placed as by Java's default partitioner. Records without a key stay at one partition for a while, as with
//! Java, and many of them can be handed over for it at once: when the library is asked for each record anew, that costs
//! more than all else it does to take one.

use std::{
    cell::Cell,
    ffi::c_void,
    time::{Duration, Instant},
};

use rdkafka::bindings as sys;

/// How long records without a key stay at a partition: enough for a large batch, as the library's own default.
pub(super) const STAY: Duration = Duration::from_millis(10);

thread_local! {
    /// Where the latest record without a key went that this thread has placed.
    static LATEST: Cell<Option<Place>> = const { Cell::new(None) };
    /// Where it went if that was since the thread began to watch.
    static WATCHED: Cell<Option<i32>> = const { Cell::new(None) };
}

/// A partition of a topic, for the time being.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Address of the topic; nothing is read there.
    topic: usize,
    partition: i32,
    since: Instant,
}

/// Calls the library. Tells besides where the last record without a key went that it has placed on this thread.
pub(super) fn watched(call: impl FnOnce()) -> Option<i32> {
    WATCHED.set(None);
    call();
    WATCHED.take()
}

/// The library's callback; on any of its threads, and on those that hand records over.
///
/// # Safety
/// Called by the library, with a topic that lives and a key as long as stated.
pub(super) unsafe extern "C" fn place(
    topic: *const sys::rd_kafka_topic_t,
    key: *const c_void,
    key_len: usize,
    partitions: i32,
    topic_opaque: *mut c_void,
    message_opaque: *mut c_void,
) -> i32 {
    // SAFETY: what the library has given is given back to it. It places keys as Java does, and spreads records
    // without one over the partitions that have a leader.
    let choose = || unsafe {
        sys::rd_kafka_msg_partitioner_murmur2_random(
            topic,
            key,
            key_len,
            partitions,
            topic_opaque,
            message_opaque,
        )
    };
    if !key.is_null() {
        return choose();
    }
    let latest = LATEST.get().filter(|it| {
        it.topic == topic.addr() && it.partition < partitions && it.since.elapsed() < STAY
    });
    // SAFETY: the topic lives, and this is a callback in which that may be asked.
    let is_available =
        |it: &Place| unsafe { sys::rd_kafka_topic_partition_available(topic, it.partition) } != 0;
    let place = latest.filter(is_available).unwrap_or_else(|| Place {
        topic: topic.addr(),
        partition: choose(),
        since: Instant::now(),
    });
    LATEST.set(Some(place));
    WATCHED.set(Some(place.partition));
    place.partition
}
