//! Event queues: read without blocking, waited for without a thread.

use std::{borrow::Cow, ffi::c_void, fmt, ptr::NonNull, sync::Arc};

use rdkafka::bindings as sys;
use tokio::sync::Notify;

use super::{client::Client, errors::error_of, foreign, text::text};
use crate::error::KafkaError;

/// Delivery reports are looked at so many at a time.
const REPORTS: usize = 256;

/// A queue of events.
pub(crate) struct Queue {
    raw: NonNull<sys::rd_kafka_queue_t>,
    wake: Arc<Notify>,
    client: Arc<Client>,
}

// SAFETY: the library's queues are made to be used from many threads at once.
unsafe impl Send for Queue {}
// SAFETY: as above.
unsafe impl Sync for Queue {}

impl Queue {
    /// A queue of its own, for replies.
    pub(crate) fn new(client: &Arc<Client>) -> Self {
        // SAFETY: the client is alive; the queue is ours.
        let raw = unsafe { sys::rd_kafka_queue_new(client.raw()) };
        Self::watch(raw, client)
    }

    /// The client's main queue: delivery reports of a producer.
    pub(crate) fn main(client: &Arc<Client>) -> Self {
        // SAFETY: the client is alive; the reference to the queue is ours.
        let raw = unsafe { sys::rd_kafka_queue_get_main(client.raw()) };
        Self::watch(raw, client)
    }

    /// The consumer's queue: records, rebalances, errors.
    pub(crate) fn consumer(client: &Arc<Client>) -> Self {
        // SAFETY: the client is alive. The main queue's events are wanted here too; the reference is ours.
        let raw = unsafe {
            sys::rd_kafka_poll_set_consumer(client.raw());
            sys::rd_kafka_queue_get_consumer(client.raw())
        };
        Self::watch(raw, client)
    }

    /// Throws away what comes to the client's main queue, which nobody reads: an error for each attempt to reach a broker
    /// that is away. They are logged besides.
    pub(super) fn discard_main(client: &Arc<Client>) {
        let discarded = Self::new(client);
        // SAFETY: both queues are alive, and the reference to the main queue is ours to give back. The library destroys
        // what is forwarded to a queue whose owner is gone, which `discarded` is in a moment.
        unsafe {
            let main = sys::rd_kafka_queue_get_main(client.raw());
            sys::rd_kafka_queue_forward(main, discarded.raw());
            sys::rd_kafka_queue_destroy(main);
        }
    }

    fn watch(raw: *mut sys::rd_kafka_queue_t, client: &Arc<Client>) -> Self {
        let raw = NonNull::new(raw).expect("a client of the matching kind has this queue");
        let wake = Arc::new(Notify::new());
        let opaque = Arc::as_ptr(&wake).cast_mut().cast();
        // SAFETY: `wake` lives until the callback is taken back in `drop`.
        unsafe { sys::rd_kafka_queue_cb_event_enable(raw.as_ptr(), Some(on_event), opaque) };
        Self {
            raw,
            wake,
            client: Arc::clone(client),
        }
    }

    pub(super) fn raw(&self) -> *mut sys::rd_kafka_queue_t {
        self.raw.as_ptr()
    }

    /// The next event, if there is one. Never blocks.
    pub(crate) fn poll(&self) -> Option<Event> {
        // SAFETY: the queue is alive; a returned event is ours.
        let raw = NonNull::new(unsafe { sys::rd_kafka_queue_poll(self.raw(), 0) })?;
        Some(Event {
            raw,
            _client: Arc::clone(&self.client),
        })
    }

    /// Waits until events may be there: since the queue was last found empty, one has arrived. Cancel-safe.
    pub(crate) async fn wait(&self) {
        self.wake.notified().await;
    }

    /// Waits for an event. Cancel-safe.
    pub(crate) async fn next(&self) -> Event {
        loop {
            if let Some(event) = self.poll() {
                return event;
            }
            self.wait().await;
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: the queue is alive and ours. Callbacks run under the queue's lock, which taking the callback back
        // acquires, so none uses `wake` afterwards.
        unsafe {
            sys::rd_kafka_queue_cb_event_enable(self.raw(), None, std::ptr::null_mut());
            sys::rd_kafka_queue_destroy(self.raw());
        }
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

/// Called on any thread of the library when a queue stops being empty. Must not call back into it.
unsafe extern "C" fn on_event(_rk: *mut sys::rd_kafka_t, opaque: *mut c_void) {
    // SAFETY: the pointer is that of `Queue::watch`, whose target outlives the registration.
    if let Some(wake) = unsafe { opaque.cast::<Notify>().as_ref() } {
        wake.notify_one();
    }
}

/// What an [`Event`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventKind {
    /// Delivery reports.
    Deliveries,
    /// An error of the client, which is no answer to anything.
    Error,
    /// What the client tells of itself.
    Statistics,
    /// The answer to a request.
    Reply,
}

/// An event taken from a queue.
pub(crate) struct Event {
    raw: NonNull<sys::rd_kafka_event_t>,
    /// Outlives the event: its records and partitions are those of the client.
    _client: Arc<Client>,
}

// SAFETY: an event may be read and destroyed on any thread.
unsafe impl Send for Event {}
// SAFETY: an event does not change while it is shared: `deliveries` takes it exclusively.
unsafe impl Sync for Event {}

impl Event {
    pub(super) fn raw(&self) -> *mut sys::rd_kafka_event_t {
        self.raw.as_ptr()
    }

    /// What the event is about.
    pub(crate) fn kind(&self) -> EventKind {
        // SAFETY: the event is alive.
        match unsafe { sys::rd_kafka_event_type(self.raw()) } {
            sys::RD_KAFKA_EVENT_DR => EventKind::Deliveries,
            sys::RD_KAFKA_EVENT_ERROR => EventKind::Error,
            sys::RD_KAFKA_EVENT_STATS => EventKind::Statistics,
            _ => EventKind::Reply,
        }
    }

    /// The error of a request as a whole, or of the client.
    pub(crate) fn error(&self) -> Option<KafkaError> {
        // SAFETY: the event is alive, and the text lives as long as it does.
        let (code, detail) = unsafe {
            (
                foreign::rd_kafka_event_error(self.raw()),
                text(sys::rd_kafka_event_error_string(self.raw())),
            )
        };
        error_of(code, Some(&detail))
    }

    /// The document of statistics.
    pub(crate) fn statistics(&self) -> Cow<'_, str> {
        // SAFETY: the event is alive, and the text lives as long as it does.
        unsafe { text(sys::rd_kafka_event_stats(self.raw())) }
    }

    /// Calls `report` with the number and the error code (0 for none) of each delivered record.
    pub(crate) fn deliveries(&mut self, mut report: impl FnMut(u64, i32)) {
        let mut messages = [std::ptr::null::<sys::rd_kafka_message_t>(); REPORTS];
        loop {
            // SAFETY: the event is alive and the array as long as stated.
            let count = unsafe {
                sys::rd_kafka_event_message_array(self.raw(), messages.as_mut_ptr(), messages.len())
            };
            if count == 0 {
                return;
            }
            for message in &messages[..count] {
                // SAFETY: the library filled `count` pointers to messages that live as long as the event.
                let (number, code) = unsafe {
                    (
                        (**message)._private as u64,
                        foreign::code(&raw const (**message).err),
                    )
                };
                report(number, code);
            }
        }
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: the event is ours.
        unsafe { sys::rd_kafka_event_destroy(self.raw()) };
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Event").field(&self.kind()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{
        super::{Kind, Request, admin::AdminCall},
        *,
    };
    use crate::{
        settings::{self, ClientSettings},
        statistics::StatisticsHandle,
    };

    #[tokio::test]
    async fn an_event_keeps_its_client() {
        // Nobody listens there, so the request fails.
        let settings: ClientSettings = [("bootstrap.servers", "127.0.0.1:1")].into_iter().collect();
        let settings = settings::translate(&settings, settings::ADMIN).unwrap();
        let client = Client::new(Kind::Admin, &settings, &StatisticsHandle::default()).unwrap();
        let watched = Arc::downgrade(&client);
        let call = AdminCall::start(&client, &Request::DescribeCluster, Duration::from_millis(1));

        let event = call.unwrap().event().await;
        drop(client);

        assert!(event.error().is_some());
        assert_eq!(watched.strong_count(), 1);
        drop(event);
        assert_eq!(watched.strong_count(), 0);
    }
}
