//! Handing records to the library.

use std::{
    collections::HashMap,
    fmt,
    os::raw::c_void,
    ptr::{self, NonNull},
    sync::Arc,
    time::Instant,
};

use rdkafka::bindings as sys;
use sys::rd_kafka_resp_err_t as Code;

use super::{client::Client, foreign, partitions::ANY_PARTITION, placement, text::c_string};
use crate::producer::OutgoingRecord;

/// Records handed over in one call at most.
const BATCH: usize = 512;

/// What became of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// Queued; a delivery report follows.
    Queued,
    /// The queue is full; the record was not looked at further.
    QueueFull,
    /// Refused with this code; no delivery report follows.
    Refused(i32),
}

/// Records that were handed over together.
pub(crate) struct Run<'a> {
    pub(crate) given: usize,
    /// How many of them were taken, refused ones included; fewer than given only when the queue is full.
    pub(crate) accepted: usize,
    /// The record behind them.
    pub(crate) next: Option<OutgoingRecord<'a>>,
}

/// Hands records of one producer to the library.
pub(crate) struct Sender {
    topics: Topics,
    batch: Vec<sys::rd_kafka_message_t>,
    client: Arc<Client>,
}

// SAFETY: pointers in the batch are followed only during the call that has put them there, through an exclusive
// reference; topics may be used on any thread.
unsafe impl Send for Sender {}
// SAFETY: as above.
unsafe impl Sync for Sender {}

impl Sender {
    pub(crate) fn new(client: &Arc<Client>) -> Self {
        Self {
            topics: Topics::default(),
            batch: Vec::new(),
            client: Arc::clone(client),
        }
    }

    /// Hands over a record without headers and timestamp, and those that follow as long as they
    /// [go with it](OutgoingRecord::goes_with) and are not too many. They are numbered from `number` on; calls
    /// `refused` for each that is refused with a code.
    pub(crate) fn send_run<'a>(
        &mut self,
        first: OutgoingRecord<'a>,
        rest: &mut impl Iterator<Item = OutgoingRecord<'a>>,
        number: u64,
        mut refused: impl FnMut(u64, i32),
    ) -> Run<'a> {
        self.batch.clear();
        self.batch.push(message(&first, number));
        let mut are_free = first.key.is_none();
        let next = loop {
            match rest.next() {
                Some(record) if self.batch.len() < BATCH && record.goes_with(&first) => {
                    let number = number + self.batch.len() as u64;
                    self.batch.push(message(&record, number));
                    are_free &= record.key.is_none();
                }
                next => break next,
            }
        };
        let given = self.batch.len();
        let run = |accepted| Run {
            given,
            accepted,
            next,
        };

        let topic = match self.topics.named(&self.client, first.topic) {
            Ok(topic) => topic,
            Err(code) => {
                let all = (number..).take(given);
                all.for_each(|number| refused(number, code));
                return run(given);
            }
        };
        topic.hand_over(first.partition, are_free, &mut self.batch);
        for (accepted, (number, message)) in (number..).zip(&self.batch).enumerate() {
            let code = code_of(message);
            if code == Code::RD_KAFKA_RESP_ERR__QUEUE_FULL as i32 {
                // Nothing behind it was taken either.
                return run(accepted);
            }
            if code != 0 {
                refused(number, code);
            }
        }
        run(given)
    }

    /// Hands over one record of any form.
    ///
    /// The library reads a timestamp of 0 as "now"; it is the one that cannot be sent.
    pub(crate) fn send_one(&mut self, record: &OutgoingRecord<'_>, number: u64) -> Attempt {
        const INVALID: Attempt = Attempt::Refused(Code::RD_KAFKA_RESP_ERR__INVALID_ARG as i32);
        if record.partition.is_some_and(|partition| partition < 0) {
            return INVALID;
        }
        let topic = match self.topics.named(&self.client, record.topic) {
            Ok(topic) => topic.raw.as_ptr(),
            Err(code) => return Attempt::Refused(code),
        };
        let Some(headers) = Headers::new(record) else {
            return INVALID;
        };
        // SAFETY: topic, headers and what the record borrows are alive during the call, in which the library copies
        // key and value. It takes the headers over only if it succeeds.
        let error = unsafe {
            let values = [
                value(sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_RKT, |u| u.rkt = topic),
                value(sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_PARTITION, |u| {
                    u.i32_ = record.partition.unwrap_or(ANY_PARTITION);
                }),
                value(sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_MSGFLAGS, |u| {
                    u.i = sys::RD_KAFKA_MSG_F_COPY;
                }),
                value(sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_KEY, |u| {
                    u.mem = memory(record.key);
                }),
                value(sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_VALUE, |u| {
                    u.mem = memory(record.value);
                }),
                value(sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_OPAQUE, |u| {
                    u.ptr = number as *mut c_void;
                }),
                value(sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_TIMESTAMP, |u| {
                    u.i64_ = record.timestamp.unwrap_or(0);
                }),
                value(sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_HEADERS, |u| {
                    u.headers = headers.0;
                }),
            ];
            sys::rd_kafka_produceva(self.client.raw(), values.as_ptr(), values.len())
        };
        let Some(error) = NonNull::new(error) else {
            headers.handed_over();
            return Attempt::Queued;
        };
        // SAFETY: the error is ours and destroyed once.
        let code = unsafe {
            let code = foreign::rd_kafka_error_code(error.as_ptr());
            sys::rd_kafka_error_destroy(error.as_ptr());
            code
        };
        match code == Code::RD_KAFKA_RESP_ERR__QUEUE_FULL as i32 {
            true => Attempt::QueueFull,
            false => Attempt::Refused(code),
        }
    }
}

impl Client {
    /// Gives up all records that were not sent yet; their delivery reports say so.
    pub(crate) fn give_up_unsent(&self) {
        let flags = sys::RD_KAFKA_PURGE_F_QUEUE | sys::RD_KAFKA_PURGE_F_NON_BLOCKING;
        // SAFETY: the client is alive. What could fail is that it is no producer.
        let _outcome = unsafe { sys::rd_kafka_purge(self.raw(), flags) };
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

/// The topics of a producer, made at their first use.
#[derive(Default)]
struct Topics {
    all: Vec<Topic>,
    by_name: HashMap<Box<str>, usize>,
    /// The one that was used last, which mostly is the next one too.
    last: usize,
}

/// A topic of a producer.
struct Topic {
    name: Box<str>,
    raw: NonNull<sys::rd_kafka_topic_t>,
    /// The partition that records without a key go to, and until when.
    place: Option<(i32, Instant)>,
    /// Outlives the topic.
    _client: Arc<Client>,
}

impl Drop for Topic {
    fn drop(&mut self) {
        // SAFETY: the topic is ours, and its client alive.
        unsafe { sys::rd_kafka_topic_destroy(self.raw.as_ptr()) };
    }
}

impl Topics {
    /// The topic of this name, or the code of what is wrong with the name.
    fn named(&mut self, client: &Arc<Client>, name: &str) -> Result<&mut Topic, i32> {
        if self.all.get(self.last).is_none_or(|it| &*it.name != name) {
            self.last = match self.by_name.get(name) {
                Some(index) => *index,
                None => self.add(Topic::new(client, name)?),
            };
        }
        Ok(&mut self.all[self.last])
    }

    fn add(&mut self, topic: Topic) -> usize {
        let index = self.all.len();
        self.by_name.insert(topic.name.clone(), index);
        self.all.push(topic);
        index
    }
}

impl Topic {
    fn new(client: &Arc<Client>, name: &str) -> Result<Self, i32> {
        let c_name = c_string("the name of a topic", name)
            .map_err(|_| Code::RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION as i32)?;
        // SAFETY: the client is alive and the name zero-terminated. The library takes the configuration over only if
        // it succeeds; it is a copy of the client's, in which keys are placed by a callback that needs nothing else.
        let raw = unsafe {
            let conf = sys::rd_kafka_default_topic_conf_dup(client.raw());
            if client.places_records() {
                sys::rd_kafka_topic_conf_set_partitioner_cb(conf, Some(placement::place));
            }
            let raw = sys::rd_kafka_topic_new(client.raw(), c_name.as_ptr(), conf);
            if raw.is_null() {
                sys::rd_kafka_topic_conf_destroy(conf);
            }
            raw
        };
        let Some(raw) = NonNull::new(raw) else {
            // SAFETY: has no preconditions.
            return Err(unsafe { sys::rd_kafka_last_error() } as i32);
        };
        Ok(Self {
            name: name.into(),
            raw,
            place: None,
            _client: Arc::clone(client),
        })
    }

    /// Hands over messages, which say what became of them afterwards: for this partition, or, without one, for that
    /// of their keys. They are free if they have no keys.
    ///
    /// Each call is for one partition. The library can be asked to look at the one that each message names, but then
    /// it keeps those that name one that is not there, and their room in the queue, for ever.
    fn hand_over(
        &mut self,
        partition: Option<i32>,
        are_free: bool,
        messages: &mut [sys::rd_kafka_message_t],
    ) {
        if partition.is_some() || !are_free {
            self.produce(partition.unwrap_or(ANY_PARTITION), messages);
            return;
        }
        let place = self.place.filter(|(_, until)| Instant::now() < *until);
        if let Some((partition, _)) = place {
            self.produce(partition, messages);
            let is_refused = |it: &sys::rd_kafka_message_t| {
                code_of(it) == Code::RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION as i32
            };
            if !messages.iter().any(is_refused) {
                return;
            }
            // The topic was made anew, with fewer partitions; then none was taken.
        }
        let placed = placement::watched(|| self.produce(ANY_PARTITION, messages));
        self.place = placed.map(|partition| (partition, Instant::now() + placement::STAY));
    }

    /// Hands messages over for one partition, or for any.
    fn produce(&self, partition: i32, messages: &mut [sys::rd_kafka_message_t]) {
        let count = i32::try_from(messages.len()).expect("a chunk is small");
        // SAFETY: topic and messages are alive, and `count` messages are there. The library copies keys and values,
        // which the messages point to, before it returns.
        unsafe {
            sys::rd_kafka_produce_batch(
                self.raw.as_ptr(),
                partition,
                sys::RD_KAFKA_MSG_F_COPY,
                messages.as_mut_ptr(),
                count,
            );
        }
    }
}

/// What became of a message that was handed over.
fn code_of(message: &sys::rd_kafka_message_t) -> i32 {
    // SAFETY: the message is ours; the library wrote its code.
    unsafe { foreign::code(&raw const message.err) }
}

/// A record in the library's form. Null and empty differ by the pointer, which is never null for a slice.
fn message(record: &OutgoingRecord<'_>, number: u64) -> sys::rd_kafka_message_t {
    let (key, value) = (memory(record.key), memory(record.value));
    sys::rd_kafka_message_t {
        err: Code::RD_KAFKA_RESP_ERR_NO_ERROR,
        rkt: ptr::null_mut(),
        partition: ANY_PARTITION,
        payload: value.ptr,
        len: value.size,
        key: key.ptr,
        key_len: key.size,
        offset: 0,
        _private: number as *mut c_void,
    }
}

type Memory = sys::rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1;

fn memory(bytes: Option<&[u8]>) -> Memory {
    match bytes {
        Some(bytes) => Memory {
            ptr: bytes.as_ptr().cast_mut().cast(),
            size: bytes.len(),
        },
        None => Memory {
            ptr: ptr::null_mut(),
            size: 0,
        },
    }
}

fn value(
    vtype: sys::rd_kafka_vtype_t,
    set: impl FnOnce(&mut sys::rd_kafka_vu_s__bindgen_ty_1),
) -> sys::rd_kafka_vu_t {
    let mut u = sys::rd_kafka_vu_s__bindgen_ty_1 { _pad: [0; 64] };
    set(&mut u);
    sys::rd_kafka_vu_t { vtype, u }
}

/// Headers in the library's form; null if there are none.
struct Headers(*mut sys::rd_kafka_headers_t);

impl Headers {
    /// `None` if the library refuses a header.
    fn new(record: &OutgoingRecord<'_>) -> Option<Self> {
        if record.headers.is_empty() {
            return Some(Self(ptr::null_mut()));
        }
        // SAFETY: has no preconditions.
        let headers = Self(unsafe { sys::rd_kafka_headers_new(record.headers.len()) });
        for header in record.headers {
            let value = memory(header.value);
            let (name_size, size) = (
                isize::try_from(header.key.len()),
                isize::try_from(value.size),
            );
            // SAFETY: the headers are alive; name and value are as long as stated, and copied.
            let code = unsafe {
                sys::rd_kafka_header_add(
                    headers.0,
                    header.key.as_ptr().cast(),
                    name_size.expect("a slice is no longer than isize::MAX"),
                    value.ptr,
                    size.expect("a slice is no longer than isize::MAX"),
                )
            };
            if code != Code::RD_KAFKA_RESP_ERR_NO_ERROR {
                return None;
            }
        }
        Some(headers)
    }

    fn handed_over(self) {
        std::mem::forget(self);
    }
}

impl Drop for Headers {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: the headers are ours.
            unsafe { sys::rd_kafka_headers_destroy(self.0) };
        }
    }
}
