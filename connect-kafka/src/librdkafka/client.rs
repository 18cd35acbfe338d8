//! The client handle, its callbacks and its end.

use std::{
    collections::VecDeque,
    ffi::{c_char, c_int, c_void},
    fmt,
    ptr::{self, NonNull},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rdkafka::bindings as sys;
use tracing::{Span, debug, error, info, warn};

use super::{
    errors::error_of,
    foreign,
    partitions::PartitionList,
    queue::Queue,
    text::{ERROR_TEXT_BYTES, buffer_text, c_string, text},
};
use crate::{
    error::{ErrorKind, KafkaError, Result},
    settings::Translated,
    statistics::StatisticsHandle,
    tls,
    topic::TopicPartition,
};

/// How often a client may log a warning or an error; more are counted and left out.
const LOG_INTERVAL: Duration = Duration::from_secs(10);
/// How many errors may wait to be looked at; when nobody looks, the oldest go.
const PENDING_ERRORS: usize = 64;
/// System log levels as the library uses them.
const LOG_ERR: c_int = 3;
const LOG_WARNING: c_int = 4;
const LOG_INFO: c_int = 6;

/// What a client is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Sends records; delivery reports and errors arrive on the main queue.
    Producer,
    /// Reads records; rebalances and errors arrive with them.
    Consumer,
    /// Neither.
    Admin,
}

/// What the group wants, in the order in which it wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rebalance {
    Assign(Vec<TopicPartition>),
    Revoke {
        partitions: Vec<TopicPartition>,
        lost: bool,
    },
}

/// A client of the library.
pub(crate) struct Client {
    /// Present until the client ends.
    handle: Option<Handle>,
    raw: NonNull<sys::rd_kafka_t>,
    shared: Arc<Shared>,
    bootstrap: String,
    places_records: bool,
}

// SAFETY: the library's client is made to be used from many threads at once, and `Shared` is `Sync`.
unsafe impl Send for Client {}
// SAFETY: as above.
unsafe impl Sync for Client {}

/// Owns the library's client and what its callbacks point to.
struct Handle {
    raw: NonNull<sys::rd_kafka_t>,
    _shared: Arc<Shared>,
}

// SAFETY: a client may be destroyed on any thread but its own ones.
unsafe impl Send for Handle {}

impl Drop for Handle {
    /// Joins the library's threads, which can take a second. Does not leave the group: that is `close`'s part.
    fn drop(&mut self) {
        let flags = sys::RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE;
        // SAFETY: the handle is owned here and destroyed once; all that was made from it held the client.
        unsafe { sys::rd_kafka_destroy_flags(self.raw.as_ptr(), flags) };
    }
}

/// State that callbacks write, on threads of the library.
#[derive(Debug)]
struct Shared {
    client_id: String,
    /// Where the client was made: what it says on threads of its own is said there.
    span: Span,
    statistics: StatisticsHandle,
    state: Mutex<CallbackState>,
}

#[derive(Debug, Default)]
struct CallbackState {
    rebalances: VecDeque<Rebalance>,
    errors: VecDeque<KafkaError>,
    last_failure: Option<String>,
    logged_at: Option<Instant>,
    unlogged: u64,
}

impl CallbackState {
    /// Remembers why something failed. That all brokers are down says less than why the last one is.
    fn remember(&mut self, failure: &str) {
        if self.last_failure.is_none() || !failure.ends_with("brokers are down") {
            self.last_failure = Some(failure.to_owned());
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, CallbackState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Client {
    /// Creates a client from translated settings, which tells of itself through the handle.
    pub(crate) fn new(
        kind: Kind,
        settings: &Translated,
        statistics: &StatisticsHandle,
    ) -> Result<Arc<Self>> {
        let shared = Arc::new(Shared {
            client_id: settings.client_id.clone(),
            span: Span::current(),
            statistics: statistics.clone(),
            state: Mutex::default(),
        });
        let conf = Conf::of(settings)?;
        // SAFETY: `conf` is alive; the callbacks have the demanded signatures and treat the opaque pointer as
        // `Shared`, which the handle keeps until after the client is destroyed.
        unsafe {
            sys::rd_kafka_conf_set_opaque(conf.0, Arc::as_ptr(&shared).cast_mut().cast());
            sys::rd_kafka_conf_set_log_cb(conf.0, Some(on_log));
            match kind {
                Kind::Producer => sys::rd_kafka_conf_set_events(
                    conf.0,
                    sys::RD_KAFKA_EVENT_DR | sys::RD_KAFKA_EVENT_STATS,
                ),
                Kind::Consumer => {
                    sys::rd_kafka_conf_set_rebalance_cb(conf.0, Some(on_rebalance));
                    sys::rd_kafka_conf_set_error_cb(conf.0, Some(on_error));
                    sys::rd_kafka_conf_set_stats_cb(conf.0, Some(on_statistics));
                }
                Kind::Admin => {}
            }
        }
        let raw = conf.into_client(match kind {
            Kind::Consumer => sys::rd_kafka_type_t::RD_KAFKA_CONSUMER,
            Kind::Producer | Kind::Admin => sys::rd_kafka_type_t::RD_KAFKA_PRODUCER,
        })?;
        let handle = Some(Handle {
            raw,
            _shared: Arc::clone(&shared),
        });
        let client = Arc::new(Self {
            handle,
            raw,
            shared,
            bootstrap: settings.bootstrap.clone(),
            places_records: settings.places_records(),
        });
        if kind == Kind::Admin {
            Queue::discard_main(&client);
        }
        Ok(client)
    }

    /// Whether records are placed as by Java's default partitioner.
    pub(super) fn places_records(&self) -> bool {
        self.places_records
    }

    /// Whether every setting by itself is one that the library takes; starts nothing.
    pub(crate) fn check(settings: &Translated) -> Result<()> {
        Conf::of(settings).map(drop)
    }

    pub(super) fn raw(&self) -> *mut sys::rd_kafka_t {
        self.raw.as_ptr()
    }

    /// The `client.id`.
    pub(crate) fn client_id(&self) -> &str {
        &self.shared.client_id
    }

    /// The oldest rebalance that nobody has looked at.
    pub(crate) fn take_rebalance(&self) -> Option<Rebalance> {
        self.shared.lock().rebalances.pop_front()
    }

    /// The oldest error that nobody has looked at.
    pub(crate) fn take_error(&self) -> Option<KafkaError> {
        self.shared.lock().errors.pop_front()
    }

    /// Why the client cannot go on, if so.
    pub(crate) fn fatal_error(&self) -> Option<KafkaError> {
        let mut buffer = [0_u8; ERROR_TEXT_BYTES];
        // SAFETY: the client is alive and the buffer as long as stated.
        let code = unsafe {
            foreign::rd_kafka_fatal_error(self.raw(), buffer.as_mut_ptr().cast(), buffer.len())
        };
        let found = error_of(code, Some(&buffer_text(&buffer)))?;
        Some(match found.kind() {
            ErrorKind::Fenced => found,
            _ => found.into_fatal(),
        })
    }

    /// A time-out, explained: what the brokers said last, if anything.
    pub(crate) fn explain(&self, error: KafkaError, what: &str, timeout: Duration) -> KafkaError {
        match error.kind() {
            ErrorKind::Timeout | ErrorKind::Retriable => {}
            _ => return error.during(what),
        }
        let last = self.shared.lock().last_failure.clone();
        let last = last
            .map(|it| format!("; last error: {it}"))
            .unwrap_or_default();
        let bootstrap = &self.bootstrap;
        error.during(format_args!(
            "{what}: no answer within {timeout:?} from the brokers behind bootstrap.servers {bootstrap}{last}"
        ))
    }

    /// Ends the client, at most `timeout` later. What was made from it and is still held puts the end off.
    pub(crate) async fn end(self: Arc<Self>, timeout: Duration) -> Result<()> {
        let Some(mut client) = Arc::into_inner(self) else {
            return Ok(());
        };
        let handle = client.handle.take();
        let ending = tokio::task::spawn_blocking(move || drop(handle));
        let ended = tokio::time::timeout(timeout, ending).await;
        ended.map(|_| ()).map_err(|_| {
            let text = format!("the client has not ended within {timeout:?}");
            KafkaError::new(ErrorKind::Timeout, text)
        })
    }
}

impl Drop for Client {
    /// Leaves the end to a thread of its own: this one may drive tasks.
    fn drop(&mut self) {
        if let Some(handle) = self.handle.take() {
            let name = "kafka-client-end".to_owned();
            // Without a thread the closure is dropped here and now, and the handle with it.
            if let Err(error) = std::thread::Builder::new()
                .name(name)
                .spawn(move || drop(handle))
            {
                warn!(client = self.client_id(), %error, "a kafka client was ended in place");
            }
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.client_id())
            .finish_non_exhaustive()
    }
}

/// A configuration on its way to a client.
struct Conf(*mut sys::rd_kafka_conf_t);

impl Conf {
    fn new() -> Self {
        // SAFETY: has no preconditions and never fails.
        Self(unsafe { sys::rd_kafka_conf_new() })
    }

    /// All settings of a client, without its callbacks. Reads the stores that they name.
    fn of(settings: &Translated) -> Result<Self> {
        let mut conf = Self::new();
        for (key, value) in &settings.engine {
            conf.set(key, value)?;
        }
        for (key, value) in tls::read(&settings.stores)? {
            conf.set(key, &value)?;
        }
        Ok(conf)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<()> {
        let mut buffer = [0_u8; ERROR_TEXT_BYTES];
        let (c_key, c_value) = (c_string(key, key)?, c_string(key, value)?);
        // SAFETY: the configuration is alive, the strings are zero-terminated, the buffer is as long as stated.
        let outcome = unsafe {
            sys::rd_kafka_conf_set(
                self.0,
                c_key.as_ptr(),
                c_value.as_ptr(),
                buffer.as_mut_ptr().cast(),
                buffer.len(),
            )
        };
        match outcome {
            sys::rd_kafka_conf_res_t::RD_KAFKA_CONF_OK => Ok(()),
            sys::rd_kafka_conf_res_t::RD_KAFKA_CONF_UNKNOWN
            | sys::rd_kafka_conf_res_t::RD_KAFKA_CONF_INVALID => Err(KafkaError::config(format!(
                "{key} was refused: {}",
                buffer_text(&buffer)
            ))),
        }
    }

    fn into_client(self, role: sys::rd_kafka_type_t) -> Result<NonNull<sys::rd_kafka_t>> {
        let mut buffer = [0_u8; ERROR_TEXT_BYTES];
        // SAFETY: the configuration is alive and the buffer as long as stated.
        let raw =
            unsafe { sys::rd_kafka_new(role, self.0, buffer.as_mut_ptr().cast(), buffer.len()) };
        match NonNull::new(raw) {
            Some(raw) => {
                // The client owns the configuration now.
                std::mem::forget(self);
                Ok(raw)
            }
            None => Err(KafkaError::config(format!(
                "the client was refused: {}",
                buffer_text(&buffer)
            ))),
        }
    }
}

impl Drop for Conf {
    fn drop(&mut self) {
        // SAFETY: the configuration was not handed over.
        unsafe { sys::rd_kafka_conf_destroy(self.0) };
    }
}

/// The state that belongs to a callback's opaque pointer.
///
/// # Safety
/// `opaque` is the pointer given to `rd_kafka_conf_set_opaque`, and the client is not destroyed yet.
unsafe fn shared<'a>(opaque: *mut c_void) -> Option<&'a Shared> {
    // SAFETY: the pointer is null or came from an `Arc<Shared>` that the handle keeps.
    unsafe { opaque.cast::<Shared>().as_ref() }
}

/// Called on any thread of the library. Must not call back into it.
unsafe extern "C" fn on_log(
    rk: *const sys::rd_kafka_t,
    level: c_int,
    facility: *const c_char,
    message: *const c_char,
) {
    // SAFETY: the library passes a living client and zero-terminated strings; the opaque pointer is ours.
    let (shared, facility, message) = unsafe {
        let opaque = if rk.is_null() {
            ptr::null_mut()
        } else {
            sys::rd_kafka_opaque(rk)
        };
        (shared(opaque), text(facility), text(message))
    };
    let client = shared.map_or("", |it| it.client_id.as_str());
    let _span = shared.map(|it| it.span.enter());
    if level > LOG_INFO {
        debug!(target: "connect_kafka::client", client, facility = &*facility, text = &*message, "client log");
        return;
    }
    if level > LOG_WARNING {
        info!(target: "connect_kafka::client", client, facility = &*facility, text = &*message, "client log");
        return;
    }
    let Some(unlogged) = shared.map_or(Some(0), |it| it.failed(&message)) else {
        return;
    };
    if level > LOG_ERR || facility != "FATAL" {
        warn!(target: "connect_kafka::client", client, facility = &*facility, text = &*message, unlogged, "client log");
    } else {
        error!(target: "connect_kafka::client", client, facility = &*facility, text = &*message, unlogged, "client log");
    }
}

impl Shared {
    /// Remembers a failure. Returns how many went unlogged before it, or `None` if it is not to be logged either.
    fn failed(&self, message: &str) -> Option<u64> {
        let mut state = self.lock();
        state.remember(message);
        let is_due = state
            .logged_at
            .is_none_or(|at| at.elapsed() >= LOG_INTERVAL);
        if !is_due {
            state.unlogged += 1;
            return None;
        }
        state.logged_at = Some(Instant::now());
        Some(std::mem::take(&mut state.unlogged))
    }
}

/// Called while a consumer's queue is read, on the reader's thread.
unsafe extern "C" fn on_error(
    _rk: *mut sys::rd_kafka_t,
    code: c_int,
    reason: *const c_char,
    opaque: *mut c_void,
) {
    // SAFETY: the library passes a zero-terminated string and our opaque pointer.
    let (shared, reason) = unsafe { (shared(opaque), text(reason)) };
    if let (Some(shared), Some(error)) = (shared, error_of(code, Some(&reason))) {
        let mut state = shared.lock();
        state.remember(&reason);
        if state.errors.len() == PENDING_ERRORS {
            state.errors.pop_front();
        }
        state.errors.push_back(error);
    }
}

/// Called while a consumer's queue is read, on the reader's thread. The library keeps the document.
unsafe extern "C" fn on_statistics(
    _rk: *mut sys::rd_kafka_t,
    json: *mut c_char,
    length: usize,
    opaque: *mut c_void,
) -> c_int {
    // SAFETY: the library passes a document of this length, which lives during the call, and our pointer.
    let (shared, json) = unsafe {
        (
            shared(opaque),
            std::slice::from_raw_parts(json.cast::<u8>(), length),
        )
    };
    if let Some(shared) = shared {
        shared.statistics.report(json);
    }
    0
}

/// Called while a consumer's queue is read, on the reader's thread. Only takes note: the caller decides when the
/// change takes effect.
unsafe extern "C" fn on_rebalance(
    rk: *mut sys::rd_kafka_t,
    code: sys::rd_kafka_resp_err_t,
    partitions: *mut sys::rd_kafka_topic_partition_list_t,
    opaque: *mut c_void,
) {
    // SAFETY: the library passes a living client, a list that it keeps alive during the call, and our pointer.
    let (shared, partitions, lost) = unsafe {
        (
            shared(opaque),
            PartitionList::read(partitions),
            sys::rd_kafka_assignment_lost(rk) != 0,
        )
    };
    let partitions: Vec<TopicPartition> = partitions.into_iter().map(|it| it.partition).collect();
    let change = match code == sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
        true => Rebalance::Assign(partitions),
        // An error makes the group start over: as if all were taken away.
        false => Rebalance::Revoke { partitions, lost },
    };
    if let Some(shared) = shared {
        shared.lock().rebalances.push_back(change);
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Request, admin::AdminCall},
        *,
    };
    use crate::settings::{self, ClientSettings};

    #[tokio::test]
    async fn errors_that_nobody_reads_do_not_pile_up() {
        // Nobody listens there.
        let settings: ClientSettings = [("bootstrap.servers", "127.0.0.1:1")].into_iter().collect();
        let settings = settings::translate(&settings, settings::ADMIN).unwrap();
        let client = Client::new(Kind::Admin, &settings, &StatisticsHandle::default()).unwrap();

        while client.shared.lock().last_failure.is_none() {
            let wait = Duration::from_millis(50);
            let call = AdminCall::start(&client, &Request::DescribeCluster, wait).unwrap();
            call.event().await;
        }

        // SAFETY: the client is alive.
        assert_eq!(unsafe { sys::rd_kafka_outq_len(client.raw()) }, 0);
    }
}
