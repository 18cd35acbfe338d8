//! Requests of the admin client: each on a queue of its own, so that many may be under way.

use std::{
    ffi::{CString, c_char},
    ptr::NonNull,
    sync::Arc,
    time::Duration,
};

use rdkafka::bindings as sys;
use sys::rd_kafka_admin_op_t as Operation;

use super::{
    client::Client,
    errors::{check, take_error},
    partitions::PartitionList,
    queue::{Event, Queue},
    text::{ERROR_TEXT_BYTES, buffer_text, c_string},
    transactions::millis,
};
use crate::{
    admin::{ConfigChange, Isolation, NewTopic},
    backoff::Attempts,
    error::{ErrorKind, KafkaError, Result},
};

/// How much longer than the library itself a reply is waited for: its own time-out says more.
const GRACE: Duration = Duration::from_secs(2);
/// Longest time-out that the library takes for a request.
const LONGEST: Duration = Duration::from_secs(3600);

/// A request under way.
#[derive(Debug)]
#[must_use]
pub(super) struct AdminCall {
    queue: Queue,
    timeout: Duration,
}

/// A request, with what it needs.
pub(crate) enum Request<'a> {
    DescribeCluster,
    DescribeTopics(&'a [&'a str]),
    CreateTopics(&'a [NewTopic]),
    CreatePartitions(&'a [(&'a str, i32)]),
    DeleteTopics(&'a [&'a str]),
    DescribeTopicConfigs(&'a [&'a str]),
    AlterTopicConfigs(&'a [(&'a str, Vec<(&'a str, &'a ConfigChange)>)]),
    ListOffsets(&'a PartitionList, Isolation),
    GroupOffsets {
        group: &'a str,
        partitions: Option<&'a PartitionList>,
    },
    AlterGroupOffsets(&'a str, &'a PartitionList),
    DeleteGroupOffsets(&'a str, &'a PartitionList),
    DeleteGroups(&'a [&'a str]),
}

impl AdminCall {
    /// Sends a request.
    pub(super) fn start(
        client: &Arc<Client>,
        request: &Request<'_>,
        timeout: Duration,
    ) -> Result<Self> {
        let queue = Queue::new(client);
        let (operation, _) = request.operation();
        request.send(&Caller {
            client,
            options: Options::new(client, operation, timeout)?,
            queue: &queue,
        })?;
        Ok(Self { queue, timeout })
    }

    /// The reply as it comes. Cancel-safe.
    pub(super) async fn event(&self) -> Event {
        self.queue.next().await
    }

    /// Waits for the reply. Cancel-safe.
    async fn reply(&self) -> Result<Event> {
        match tokio::time::timeout(self.timeout + GRACE, self.event()).await {
            Ok(event) => match event.error() {
                Some(error) => Err(error),
                None => Ok(event),
            },
            Err(_) => Err(KafkaError::new(ErrorKind::Timeout, "no reply")),
        }
    }
}

/// Sends a request and reads its reply, and does so again while the brokers are not there to serve it: a request under
/// way is lost with its connection, and the library gives it up at once. Cancel-safe.
///
/// What took effect unseen is found in effect by the next attempt, as with Java's client: a topic exists already, or is
/// unknown because it was deleted.
pub(crate) async fn ask<T>(
    client: &Arc<Client>,
    request: &Request<'_>,
    timeout: Duration,
    read: impl Fn(&Event) -> Result<T>,
) -> Result<T> {
    let mut attempts = Attempts::within(timeout.min(LONGEST));
    loop {
        let reply = AdminCall::start(client, request, attempts.left())?
            .reply()
            .await;
        let error = match reply.and_then(|event| read(&event)) {
            Ok(read) => return Ok(read),
            Err(error) => error,
        };
        if !attempts.go_on_after(&error).await {
            return Err(client.explain(error, request.operation().1, timeout));
        }
    }
}

impl Request<'_> {
    fn operation(&self) -> (Operation, &'static str) {
        match self {
            Request::DescribeCluster => (
                Operation::RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER,
                "cannot describe the cluster",
            ),
            Request::DescribeTopics(_) => (
                Operation::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS,
                "cannot describe topics",
            ),
            Request::CreateTopics(_) => (
                Operation::RD_KAFKA_ADMIN_OP_CREATETOPICS,
                "cannot create topics",
            ),
            Request::CreatePartitions(_) => (
                Operation::RD_KAFKA_ADMIN_OP_CREATEPARTITIONS,
                "cannot create partitions",
            ),
            Request::DeleteTopics(_) => (
                Operation::RD_KAFKA_ADMIN_OP_DELETETOPICS,
                "cannot delete topics",
            ),
            Request::DescribeTopicConfigs(_) => (
                Operation::RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS,
                "cannot read settings of topics",
            ),
            Request::AlterTopicConfigs(_) => (
                Operation::RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS,
                "cannot change settings of topics",
            ),
            Request::ListOffsets(..) => (
                Operation::RD_KAFKA_ADMIN_OP_LISTOFFSETS,
                "cannot look up offsets",
            ),
            Request::GroupOffsets { .. } => (
                Operation::RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS,
                "cannot read the offsets of a group",
            ),
            Request::AlterGroupOffsets(..) => (
                Operation::RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS,
                "cannot set the offsets of a group",
            ),
            Request::DeleteGroupOffsets(..) => (
                Operation::RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS,
                "cannot delete offsets of a group",
            ),
            Request::DeleteGroups(_) => (
                Operation::RD_KAFKA_ADMIN_OP_DELETEGROUPS,
                "cannot delete groups",
            ),
        }
    }

    fn send(&self, by: &Caller<'_>) -> Result<()> {
        match *self {
            Request::DescribeCluster => by.send_plain(sys::rd_kafka_DescribeCluster),
            Request::DescribeTopics(names) => {
                let topics = topic_collection(names)?;
                by.send_one(sys::rd_kafka_DescribeTopics, topics.raw().cast_const());
            }
            Request::CreateTopics(topics) => {
                by.send(sys::rd_kafka_CreateTopics, &each(topics, new_topic)?);
            }
            Request::CreatePartitions(totals) => {
                by.send(
                    sys::rd_kafka_CreatePartitions,
                    &each(totals, new_partitions)?,
                );
            }
            Request::DeleteTopics(names) => {
                by.send(sys::rd_kafka_DeleteTopics, &each(names, delete_topic)?);
            }
            Request::DescribeTopicConfigs(names) => {
                by.send(sys::rd_kafka_DescribeConfigs, &each(names, topic_resource)?);
            }
            Request::AlterTopicConfigs(changes) => {
                let topics = each(changes, changed_topic)?;
                by.send(sys::rd_kafka_IncrementalAlterConfigs, &topics);
            }
            Request::ListOffsets(partitions, isolation) => {
                by.options.set_isolation(isolation)?;
                by.send_one(sys::rd_kafka_ListOffsets, partitions.raw());
            }
            Request::GroupOffsets { group, partitions } => {
                let query = group_query(group, partitions)?;
                by.send(sys::rd_kafka_ListConsumerGroupOffsets, &[query]);
            }
            Request::AlterGroupOffsets(group, offsets) => {
                let change = group_change(group, offsets)?;
                by.send(sys::rd_kafka_AlterConsumerGroupOffsets, &[change]);
            }
            Request::DeleteGroupOffsets(group, partitions) => {
                let change = group_deletion(group, partitions)?;
                by.send(sys::rd_kafka_DeleteConsumerGroupOffsets, &[change]);
            }
            Request::DeleteGroups(groups) => {
                by.send(sys::rd_kafka_DeleteGroups, &each(groups, delete_group)?);
            }
        }
        Ok(())
    }
}

/// Sends one request. The library copies what it is given, so nothing but these three has to live on.
struct Caller<'a> {
    client: &'a Client,
    options: Options,
    queue: &'a Queue,
}

type RawClient = *mut sys::rd_kafka_t;
type RawOptions = *const sys::rd_kafka_AdminOptions_t;
type RawQueue = *mut sys::rd_kafka_queue_t;
type PlainCall = unsafe extern "C" fn(RawClient, RawOptions, RawQueue);
type OneCall<P> = unsafe extern "C" fn(RawClient, P, RawOptions, RawQueue);
type ListCall<T> = unsafe extern "C" fn(RawClient, *mut *mut T, usize, RawOptions, RawQueue);

impl Caller<'_> {
    fn parts(&self) -> (RawClient, RawOptions, RawQueue) {
        (self.client.raw(), self.options.0.as_ptr(), self.queue.raw())
    }

    /// Sends a request about the cluster.
    fn send_plain(&self, call: PlainCall) {
        let (client, options, queue) = self.parts();
        // SAFETY: client, options and queue are alive; so below.
        unsafe { call(client, options, queue) };
    }

    /// Sends a request about an object, which its owner keeps.
    fn send_one<P>(&self, call: OneCall<P>, object: P) {
        let (client, options, queue) = self.parts();
        // SAFETY: as above, and the object is alive.
        unsafe { call(client, object, options, queue) };
    }

    /// Sends a request about these objects.
    fn send<T>(&self, call: ListCall<T>, objects: &[Owned<T>]) {
        let (client, options, queue) = self.parts();
        let mut raw: Vec<*mut T> = objects.iter().map(Owned::raw).collect();
        // SAFETY: as above; the objects are alive and as many as stated.
        unsafe { call(client, raw.as_mut_ptr(), raw.len(), options, queue) };
    }
}

/// Makes an object of the library of each item.
fn each<T, R>(items: &[T], make: impl Fn(&T) -> Result<Owned<R>>) -> Result<Vec<Owned<R>>> {
    items.iter().map(make).collect()
}

/// An object of the library and how to destroy it.
struct Owned<T> {
    raw: NonNull<T>,
    destroy: unsafe extern "C" fn(*mut T),
}

impl<T> Owned<T> {
    /// # Safety
    /// `raw` is null or an object that nobody else destroys and that `destroy` is made for.
    unsafe fn new(raw: *mut T, destroy: unsafe extern "C" fn(*mut T)) -> Result<Self> {
        match NonNull::new(raw) {
            Some(raw) => Ok(Self { raw, destroy }),
            None => Err(KafkaError::new(
                ErrorKind::Refused,
                "the request is not valid",
            )),
        }
    }

    fn raw(&self) -> *mut T {
        self.raw.as_ptr()
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        // SAFETY: as promised to `new`.
        unsafe { (self.destroy)(self.raw()) };
    }
}

/// Options of a request.
struct Options(NonNull<sys::rd_kafka_AdminOptions_t>);

impl Options {
    fn new(client: &Client, operation: Operation, timeout: Duration) -> Result<Self> {
        // SAFETY: the client is alive; the options are ours.
        let raw = unsafe { sys::rd_kafka_AdminOptions_new(client.raw(), operation) };
        let options = Self(NonNull::new(raw).expect("the library knows all operations named here"));
        options.set(sys::rd_kafka_AdminOptions_set_request_timeout, timeout)?;
        if matches!(
            operation,
            Operation::RD_KAFKA_ADMIN_OP_CREATETOPICS
                | Operation::RD_KAFKA_ADMIN_OP_CREATEPARTITIONS
                | Operation::RD_KAFKA_ADMIN_OP_DELETETOPICS
        ) {
            // The broker answers when the change has reached its peers.
            options.set(sys::rd_kafka_AdminOptions_set_operation_timeout, timeout)?;
        }
        Ok(options)
    }

    fn set(&self, setter: SetTimeout, timeout: Duration) -> Result<()> {
        let mut buffer = [0_u8; ERROR_TEXT_BYTES];
        // SAFETY: the options are alive and the buffer as long as stated.
        let code = unsafe {
            setter(
                self.0.as_ptr(),
                millis(timeout),
                buffer.as_mut_ptr().cast(),
                buffer.len(),
            )
        };
        check(code).map_err(|error| error.during(buffer_text(&buffer)))
    }

    fn set_isolation(&self, isolation: Isolation) -> Result<()> {
        let level = match isolation {
            Isolation::ReadUncommitted => {
                sys::rd_kafka_IsolationLevel_t::RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED
            }
            Isolation::ReadCommitted => {
                sys::rd_kafka_IsolationLevel_t::RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED
            }
        };
        // SAFETY: the options are alive; the error object is ours.
        unsafe {
            take_error(sys::rd_kafka_AdminOptions_set_isolation_level(
                self.0.as_ptr(),
                level,
            ))
        }
    }
}

type SetTimeout = unsafe extern "C" fn(
    *mut sys::rd_kafka_AdminOptions_t,
    i32,
    *mut c_char,
    usize,
) -> sys::rd_kafka_resp_err_t;

impl Drop for Options {
    fn drop(&mut self) {
        // SAFETY: the options are ours.
        unsafe { sys::rd_kafka_AdminOptions_destroy(self.0.as_ptr()) };
    }
}

fn topic_name(name: &str) -> Result<CString> {
    c_string("the name of a topic", name)
}

fn group_name(name: &str) -> Result<CString> {
    c_string("the name of a group", name)
}

fn topic_collection(names: &[&str]) -> Result<Owned<sys::rd_kafka_TopicCollection_t>> {
    let names = names
        .iter()
        .map(|name| topic_name(name))
        .collect::<Result<Vec<_>>>()?;
    let mut raw: Vec<*const c_char> = names.iter().map(|name| name.as_ptr()).collect();
    // SAFETY: the names are zero-terminated and as many as stated; the library copies them.
    unsafe {
        Owned::new(
            sys::rd_kafka_TopicCollection_of_topic_names(raw.as_mut_ptr(), raw.len()),
            sys::rd_kafka_TopicCollection_destroy,
        )
    }
}

fn new_topic(topic: &NewTopic) -> Result<Owned<sys::rd_kafka_NewTopic_t>> {
    let name = topic_name(&topic.name)?;
    let mut buffer = [0_u8; ERROR_TEXT_BYTES];
    // SAFETY: the name is zero-terminated and copied, the buffer as long as stated.
    let created = unsafe {
        Owned::new(
            sys::rd_kafka_NewTopic_new(
                name.as_ptr(),
                topic.partitions.unwrap_or(-1),
                topic.replication.map_or(-1, i32::from),
                buffer.as_mut_ptr().cast(),
                buffer.len(),
            ),
            sys::rd_kafka_NewTopic_destroy,
        )
    }
    .map_err(|error| error.during(format_args!("{}: {}", topic.name, buffer_text(&buffer))))?;
    for (key, value) in &topic.configs {
        let (key, value) = (c_string(key, key)?, c_string(key, value)?);
        // SAFETY: topic and strings are alive; the library copies the strings.
        check(unsafe {
            sys::rd_kafka_NewTopic_set_config(created.raw(), key.as_ptr(), value.as_ptr())
        })?;
    }
    Ok(created)
}

fn new_partitions((topic, total): &(&str, i32)) -> Result<Owned<sys::rd_kafka_NewPartitions_t>> {
    let name = topic_name(topic)?;
    let mut buffer = [0_u8; ERROR_TEXT_BYTES];
    // SAFETY: the name is zero-terminated and copied, the buffer as long as stated.
    unsafe {
        Owned::new(
            sys::rd_kafka_NewPartitions_new(
                name.as_ptr(),
                usize::try_from(*total).unwrap_or(0),
                buffer.as_mut_ptr().cast(),
                buffer.len(),
            ),
            sys::rd_kafka_NewPartitions_destroy,
        )
    }
    .map_err(|error| error.during(format_args!("{topic}: {}", buffer_text(&buffer))))
}

fn delete_topic(name: &&str) -> Result<Owned<sys::rd_kafka_DeleteTopic_t>> {
    let name = topic_name(name)?;
    // SAFETY: the name is zero-terminated and copied.
    unsafe {
        Owned::new(
            sys::rd_kafka_DeleteTopic_new(name.as_ptr()),
            sys::rd_kafka_DeleteTopic_destroy,
        )
    }
}

fn delete_group(name: &&str) -> Result<Owned<sys::rd_kafka_DeleteGroup_t>> {
    let name = group_name(name)?;
    // SAFETY: the name is zero-terminated and copied.
    unsafe {
        Owned::new(
            sys::rd_kafka_DeleteGroup_new(name.as_ptr()),
            sys::rd_kafka_DeleteGroup_destroy,
        )
    }
}

/// The question for the offsets of a group, in these partitions or in all.
fn group_query(
    group: &str,
    partitions: Option<&PartitionList>,
) -> Result<Owned<sys::rd_kafka_ListConsumerGroupOffsets_t>> {
    let group = group_name(group)?;
    let partitions = partitions.map_or(std::ptr::null_mut(), PartitionList::raw);
    // SAFETY: the name is zero-terminated, the list alive or null; both are copied.
    unsafe {
        Owned::new(
            sys::rd_kafka_ListConsumerGroupOffsets_new(group.as_ptr(), partitions),
            sys::rd_kafka_ListConsumerGroupOffsets_destroy,
        )
    }
}

fn group_change(
    group: &str,
    offsets: &PartitionList,
) -> Result<Owned<sys::rd_kafka_AlterConsumerGroupOffsets_t>> {
    let group = group_name(group)?;
    // SAFETY: the name is zero-terminated, the list alive; both are copied.
    unsafe {
        Owned::new(
            sys::rd_kafka_AlterConsumerGroupOffsets_new(group.as_ptr(), offsets.raw()),
            sys::rd_kafka_AlterConsumerGroupOffsets_destroy,
        )
    }
}

fn group_deletion(
    group: &str,
    partitions: &PartitionList,
) -> Result<Owned<sys::rd_kafka_DeleteConsumerGroupOffsets_t>> {
    let group = group_name(group)?;
    // SAFETY: the name is zero-terminated, the list alive; both are copied.
    unsafe {
        Owned::new(
            sys::rd_kafka_DeleteConsumerGroupOffsets_new(group.as_ptr(), partitions.raw()),
            sys::rd_kafka_DeleteConsumerGroupOffsets_destroy,
        )
    }
}

fn topic_resource(name: &&str) -> Result<Owned<sys::rd_kafka_ConfigResource_t>> {
    let name = topic_name(name)?;
    let kind = sys::rd_kafka_ResourceType_t::RD_KAFKA_RESOURCE_TOPIC;
    // SAFETY: the name is zero-terminated and copied.
    unsafe {
        Owned::new(
            sys::rd_kafka_ConfigResource_new(kind, name.as_ptr()),
            sys::rd_kafka_ConfigResource_destroy,
        )
    }
}

fn changed_topic(
    (topic, changes): &(&str, Vec<(&str, &ConfigChange)>),
) -> Result<Owned<sys::rd_kafka_ConfigResource_t>> {
    use sys::rd_kafka_AlterConfigOpType_t as Change;

    let resource = topic_resource(topic)?;
    for (key, change) in changes {
        let (kind, value) = match change {
            ConfigChange::Set(value) => (Change::RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET, Some(value)),
            ConfigChange::Delete => (Change::RD_KAFKA_ALTER_CONFIG_OP_TYPE_DELETE, None),
            ConfigChange::Append(value) => {
                (Change::RD_KAFKA_ALTER_CONFIG_OP_TYPE_APPEND, Some(value))
            }
            ConfigChange::Subtract(value) => {
                (Change::RD_KAFKA_ALTER_CONFIG_OP_TYPE_SUBTRACT, Some(value))
            }
        };
        let value = value.map(|value| c_string(key, value)).transpose()?;
        let key = c_string(key, key)?;
        let value = value
            .as_ref()
            .map_or(std::ptr::null(), |value| value.as_ptr());
        // SAFETY: resource and strings are alive; the library copies the strings. The error object is ours.
        unsafe {
            take_error(sys::rd_kafka_ConfigResource_add_incremental_config(
                resource.raw(),
                key.as_ptr(),
                kind,
                value,
            ))?;
        }
    }
    Ok(resource)
}
