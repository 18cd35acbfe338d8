//! What an engine tells of itself every few seconds.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use serde::Deserialize;

/// Where the latest statistics of a client are found, also while it is used elsewhere. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct StatisticsHandle(Arc<Mutex<Option<Arc<Statistics>>>>);

impl StatisticsHandle {
    /// What the client told last; `None` before the first time and while it has no engine.
    #[must_use]
    pub fn latest(&self) -> Option<Arc<Statistics>> {
        self.lock().clone()
    }

    /// Takes a report of the engine. One that cannot be read changes nothing: it is no reason to stop working.
    pub(crate) fn report(&self, json: &[u8]) {
        match serde_json::from_slice::<Report>(json) {
            Ok(report) => {
                let mut latest = self.lock();
                let statistics = Statistics::new(report, latest.as_deref());
                *latest = Some(Arc::new(statistics));
            }
            Err(error) => tracing::debug!(%error, "statistics of a client cannot be read"),
        }
    }

    /// Forgets what an engine told that has ended.
    pub(crate) fn clear(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Arc<Statistics>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Statistics of a client. Totals count from the start of its engine, averages are those of the latest interval.
#[derive(Clone, Debug)]
pub struct Statistics {
    /// Requests, responses and their bytes.
    pub traffic: Traffic,
    /// Records sent by a producer.
    pub records_sent: u64,
    /// Records received by a consumer.
    pub records_received: u64,
    /// Bytes of them.
    pub record_bytes_received: u64,
    /// Bytes of records that wait in the queue of a producer.
    pub queued_bytes: u64,
    /// Size of that queue.
    pub queue_bytes: u64,
    /// Brokers by number; those that were only asked for the others are left out.
    pub brokers: BTreeMap<i32, BrokerStatistics>,
    /// Topics by name.
    pub topics: BTreeMap<String, TopicStatistics>,
    /// The group of a consumer.
    pub group: Option<GroupStatistics>,
    /// Since when a consumer was seen to have records before it; `None` when it has read everything.
    pub lagging_since: Option<Instant>,
}

/// What went over the network.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traffic {
    /// Requests sent.
    pub requests: u64,
    /// Bytes of them.
    pub bytes_sent: u64,
    /// Responses received.
    pub responses: u64,
    /// Bytes of them.
    pub bytes_received: u64,
}

/// One broker as a client sees it.
#[derive(Clone, Debug)]
pub struct BrokerStatistics {
    /// Whether there is a connection.
    pub is_connected: bool,
    /// Connections that were attempted.
    pub connects: u64,
    /// Connections that ended.
    pub disconnects: u64,
    /// What went over them.
    pub traffic: Traffic,
    /// Requests without an answer.
    pub in_flight: u64,
    /// Milliseconds from a request to its response.
    pub latency: Span,
    /// Milliseconds that records waited to be sent.
    pub queued: Span,
    /// Milliseconds that the broker held responses back.
    pub throttled: Span,
}

/// Average and maximum in the latest interval; `None` when nothing was measured.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    /// How many were measured.
    pub count: u64,
    /// Average.
    pub average: Option<f64>,
    /// Maximum.
    pub maximum: Option<f64>,
}

/// One topic as a client sees it.
#[derive(Clone, Debug)]
pub struct TopicStatistics {
    /// Bytes of batches sent.
    pub batch_bytes: Span,
    /// Its partitions by number.
    pub partitions: BTreeMap<i32, PartitionStatistics>,
}

/// One partition as a client sees it.
#[derive(Clone, Copy, Debug)]
pub struct PartitionStatistics {
    /// Records sent.
    pub records_sent: u64,
    /// Bytes of them.
    pub bytes_sent: u64,
    /// Records received.
    pub records_received: u64,
    /// Bytes of them.
    pub bytes_received: u64,
    /// Records behind the one that is polled next, if the client knows.
    pub lag: Option<u64>,
    /// Records before the one that is polled next, if the client knows.
    pub lead: Option<u64>,
}

/// The group of a consumer.
#[derive(Clone, Copy, Debug)]
pub struct GroupStatistics {
    /// Partitions that it has given to the consumer.
    pub assigned: u64,
    /// Rebalances so far.
    pub rebalances: u64,
    /// Milliseconds since the latest of them.
    pub since_rebalance: Option<u64>,
}

impl Statistics {
    fn new(report: Report, before: Option<&Self>) -> Self {
        let brokers = report.brokers.into_values();
        let topics = report.topics.into_iter();
        let topics: BTreeMap<_, _> = topics.map(|(name, it)| (name, it.into())).collect();
        let has_lag = topics.values().any(TopicStatistics::has_lag);
        let lagging_since = before.and_then(|it| it.lagging_since);
        Self {
            traffic: Traffic {
                requests: report.tx,
                bytes_sent: report.tx_bytes,
                responses: report.rx,
                bytes_received: report.rx_bytes,
            },
            records_sent: report.txmsgs,
            records_received: report.rxmsgs,
            record_bytes_received: report.rxmsg_bytes,
            queued_bytes: report.msg_size,
            queue_bytes: report.msg_size_max,
            brokers: brokers
                .filter(|it| it.nodeid >= 0)
                .map(|it| (it.nodeid, it.into()))
                .collect(),
            topics,
            group: report.cgrp.map(|it| GroupStatistics {
                assigned: it.assignment_size,
                rebalances: it.rebalance_cnt,
                since_rebalance: u64::try_from(it.rebalance_age)
                    .ok()
                    .filter(|_| it.rebalance_cnt > 0),
            }),
            lagging_since: has_lag.then(|| lagging_since.unwrap_or_else(Instant::now)),
        }
    }
}

impl TopicStatistics {
    fn has_lag(&self) -> bool {
        let mut partitions = self.partitions.values();
        partitions.any(|it| it.lag.is_some_and(|lag| lag > 0))
    }
}

/// The engine's own document, as far as it is used.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Report {
    msg_size: u64,
    msg_size_max: u64,
    tx: u64,
    tx_bytes: u64,
    rx: u64,
    rx_bytes: u64,
    txmsgs: u64,
    rxmsgs: u64,
    rxmsg_bytes: u64,
    brokers: BTreeMap<String, Broker>,
    topics: BTreeMap<String, Topic>,
    cgrp: Option<Group>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Broker {
    nodeid: i32,
    state: String,
    waitresp_cnt: i64,
    tx: u64,
    txbytes: u64,
    rx: u64,
    rxbytes: u64,
    connects: u64,
    disconnects: u64,
    /// Microseconds, like the next one.
    int_latency: Window,
    rtt: Window,
    /// Milliseconds.
    throttle: Window,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Window {
    max: i64,
    avg: i64,
    cnt: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Topic {
    batchsize: Window,
    partitions: BTreeMap<String, Partition>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Partition {
    partition: i32,
    txmsgs: u64,
    txbytes: u64,
    rxmsgs: u64,
    rxbytes: u64,
    desired: bool,
    next_offset: i64,
    app_offset: i64,
    lo_offset: i64,
    hi_offset: i64,
    ls_offset: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Group {
    rebalance_age: i64,
    rebalance_cnt: u64,
    assignment_size: u64,
}

impl From<Broker> for BrokerStatistics {
    fn from(broker: Broker) -> Self {
        const MICROS: f64 = 1_000.0;
        Self {
            is_connected: broker.state == "UP",
            connects: broker.connects,
            disconnects: broker.disconnects,
            traffic: Traffic {
                requests: broker.tx,
                bytes_sent: broker.txbytes,
                responses: broker.rx,
                bytes_received: broker.rxbytes,
            },
            in_flight: u64::try_from(broker.waitresp_cnt).unwrap_or_default(),
            latency: broker.rtt.span(MICROS),
            queued: broker.int_latency.span(MICROS),
            throttled: broker.throttle.span(1.0),
        }
    }
}

impl Window {
    fn span(&self, divisor: f64) -> Span {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a time or size beyond 2^53 may be rounded"
        )]
        let figure = |value: i64| (self.cnt > 0).then_some(value as f64 / divisor);
        Span {
            count: self.cnt,
            average: figure(self.avg),
            maximum: figure(self.max),
        }
    }
}

impl From<Topic> for TopicStatistics {
    fn from(topic: Topic) -> Self {
        // Records without a partition yet are in one with a negative number.
        let partitions = topic.partitions.into_values();
        let partitions = partitions.filter(|it| it.partition >= 0);
        Self {
            batch_bytes: topic.batchsize.span(1.0),
            partitions: partitions
                .map(|it| (it.partition, PartitionStatistics::from(it)))
                .collect(),
        }
    }
}

impl From<Partition> for PartitionStatistics {
    fn from(it: Partition) -> Self {
        // Negative offsets say that something is not known yet. The end for transactional readers is known only
        // to them, and lies before that of all records.
        let known = |offset: i64| (offset >= 0).then_some(offset);
        let position = known(it.app_offset).or(known(it.next_offset));
        let position = position.filter(|_| it.desired);
        let end = known(it.ls_offset).or(known(it.hi_offset));
        let between = |from: Option<i64>, to: Option<i64>| {
            let distance = to?.saturating_sub(from?).max(0);
            u64::try_from(distance).ok()
        };
        Self {
            records_sent: it.txmsgs,
            bytes_sent: it.txbytes,
            records_received: it.rxmsgs,
            bytes_received: it.rxbytes,
            lag: between(position, end),
            lead: between(known(it.lo_offset), position),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(app_offset: i64, hi_offset: i64) -> String {
        format!(
            r#"{{"tx":3,"tx_bytes":300,"rx":2,"rx_bytes":200,"rxmsgs":10,"unknown":[1],
            "brokers":{{"bootstrap":{{"nodeid":-1}},"b/4":{{"nodeid":4,"state":"UP","connects":2,
              "rtt":{{"max":1500,"avg":500,"cnt":3}},"throttle":{{"max":0,"avg":0,"cnt":0}}}}}},
            "topics":{{"lines":{{"partitions":{{
              "-1":{{"partition":-1,"app_offset":-1001}},
              "0":{{"partition":0,"desired":true,"app_offset":{app_offset},"next_offset":8,
                "lo_offset":2,"hi_offset":{hi_offset},"ls_offset":{hi_offset}}}}}}}}},
            "cgrp":{{"rebalance_age":1000,"rebalance_cnt":1,"assignment_size":1}}}}"#
        )
    }

    #[test]
    fn a_report_becomes_statistics() {
        let handle = StatisticsHandle::default();
        assert!(handle.latest().is_none());
        handle.report(report(5, 9).as_bytes());
        handle.report(b"no document");

        let found = handle.latest().unwrap();
        let brokers: Vec<_> = found.brokers.keys().collect();
        assert_eq!(brokers, [&4]);
        assert_eq!(found.brokers[&4].latency.average, Some(0.5));
        assert_eq!(found.brokers[&4].throttled.maximum, None);
        let partitions = &found.topics["lines"].partitions;
        assert_eq!(partitions.len(), 1);
        assert_eq!(
            (partitions[&0].lag, partitions[&0].lead),
            (Some(4), Some(3))
        );
        assert_eq!(found.group.unwrap().since_rebalance, Some(1_000));
        handle.clear();
        assert!(handle.latest().is_none());
    }

    #[test]
    fn lag_has_a_beginning_and_an_end() {
        let handle = StatisticsHandle::default();
        let since = |app_offset, hi_offset| {
            handle.report(report(app_offset, hi_offset).as_bytes());
            handle.latest().unwrap().lagging_since
        };

        assert_eq!(since(9, 9), None);
        let begun = since(9, 12);
        assert!(begun.is_some());
        assert_eq!(since(10, 20), begun);
        assert_eq!(since(20, 20), None);
        // Before the first record was polled, the place where fetching is counts.
        assert_eq!(since(-1001, 8), None);
        assert!(since(-1001, 9).is_some());
    }
}
