//! What the Kafka clients of tasks tell of themselves, under the names of the Java clients.

use std::time::Duration;

use connect_kafka::{
    BrokerStatistics, Span, Statistics, StatisticsHandle, TopicStatistics, Traffic,
};

use super::names::{
    CONSUMER, CONSUMER_COORDINATOR, CONSUMER_NODE, FETCH, FETCH_PARTITION, FETCH_TOPIC, Group,
    PRODUCER, PRODUCER_NODE, PRODUCER_TOPIC,
};
use super::progress::Lag;
use super::reading::{Figure, Reading, Tags, number};
use super::windows::float;

/// What a client of a task is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientKind {
    Producer,
    Consumer,
}

/// A client of a task.
#[derive(Clone, Debug)]
pub(super) struct TaskClient {
    pub(super) kind: ClientKind,
    /// Its `client.id`.
    pub(super) id: String,
    pub(super) statistics: StatisticsHandle,
}

/// How far the consumers among these clients are behind; `None` when they have read everything.
pub(super) fn lag(clients: &[TaskClient]) -> Option<Lag> {
    let consumers = clients.iter().filter(|it| it.kind == ClientKind::Consumer);
    let known = consumers.filter_map(|it| it.statistics.latest());
    known.filter_map(|it| lag_of(&it)).next()
}

fn lag_of(statistics: &Statistics) -> Option<Lag> {
    let age = statistics.lagging_since?.elapsed();
    let topics = statistics.topics.values();
    let partitions = topics.flat_map(|it| it.partitions.values());
    let records = partitions.filter_map(|it| it.lag).sum();
    Some(Lag { records, age })
}

impl TaskClient {
    /// Nothing while the client has told nothing.
    pub(super) fn read(&self) -> Vec<Reading> {
        match (self.statistics.latest(), self.kind) {
            (None, _) => Vec::new(),
            (Some(statistics), ClientKind::Producer) => self.producer(&statistics),
            (Some(statistics), ClientKind::Consumer) => self.consumer(&statistics),
        }
    }

    fn producer(&self, statistics: &Statistics) -> Vec<Reading> {
        let brokers = || statistics.brokers.values();
        let mut figures = self.common(statistics);
        let in_flight: u64 = brokers().map(|it| it.in_flight).sum();
        let queue = statistics.queue_bytes;
        let batches = statistics.topics.values().map(|it| it.batch_bytes);
        figures.extend(latency(brokers().map(|it| it.latency)));
        figures.extend([
            number("requests-in-flight", float(in_flight)),
            number("record-send-total", float(statistics.records_sent)),
        ]);
        figures.extend(spans(
            ["record-queue-time-avg", "record-queue-time-max"],
            brokers().map(|it| it.queued),
        ));
        figures.extend(spans(
            ["produce-throttle-time-avg", "produce-throttle-time-max"],
            brokers().map(|it| it.throttled),
        ));
        figures.extend(spans(["batch-size-avg", "batch-size-max"], batches));
        figures.extend([
            number("buffer-total-bytes", float(queue)),
            number(
                "buffer-available-bytes",
                float(queue.saturating_sub(statistics.queued_bytes)),
            ),
        ]);
        let mut readings = vec![self.reading(&PRODUCER, [], figures)];
        for (name, topic) in &statistics.topics {
            let figures = vec![
                number("record-send-total", sum(topic, |it| it.records_sent)),
                number("byte-total", sum(topic, |it| it.bytes_sent)),
            ];
            readings.push(self.reading(&PRODUCER_TOPIC, [name], figures));
        }
        readings.extend(self.nodes(&PRODUCER_NODE, statistics));
        readings
    }

    fn consumer(&self, statistics: &Statistics) -> Vec<Reading> {
        let partitions = statistics
            .topics
            .values()
            .flat_map(|it| it.partitions.values());
        let largest_lag = partitions.filter_map(|it| it.lag).max();
        let mut fetched = vec![
            number("records-consumed-total", float(statistics.records_received)),
            number(
                "bytes-consumed-total",
                float(statistics.record_bytes_received),
            ),
            number("records-lag-max", known(largest_lag.map(float))),
        ];
        fetched.extend(spans(
            ["fetch-throttle-time-avg", "fetch-throttle-time-max"],
            statistics.brokers.values().map(|it| it.throttled),
        ));
        let mut readings = vec![
            self.reading(&CONSUMER, [], self.common(statistics)),
            self.reading(&FETCH, [], fetched),
        ];
        for (name, topic) in &statistics.topics {
            let figures = vec![
                number(
                    "records-consumed-total",
                    sum(topic, |it| it.records_received),
                ),
                number("bytes-consumed-total", sum(topic, |it| it.bytes_received)),
            ];
            readings.push(self.reading(&FETCH_TOPIC, [name], figures));
            for (partition, it) in &topic.partitions {
                let figures = vec![
                    number("records-lag", known(it.lag.map(float))),
                    number("records-lead", known(it.lead.map(float))),
                ];
                let partition = partition.to_string();
                readings.push(self.reading(&FETCH_PARTITION, [name, &partition], figures));
            }
        }
        if let Some(group) = &statistics.group {
            let since = group.since_rebalance.map(Duration::from_millis);
            let figures = vec![
                number("assigned-partitions", float(group.assigned)),
                number("rebalance-total", float(group.rebalances)),
                number(
                    "last-rebalance-seconds-ago",
                    since.map_or(-1.0, |it| float(it.as_secs())),
                ),
            ];
            readings.push(self.reading(&CONSUMER_COORDINATOR, [], figures));
        }
        readings.extend(self.nodes(&CONSUMER_NODE, statistics));
        readings
    }

    /// What every client has.
    fn common(&self, statistics: &Statistics) -> Vec<Figure> {
        let brokers = || statistics.brokers.values();
        let sum = |count: fn(&BrokerStatistics) -> u64| float(brokers().map(count).sum());
        let mut figures = vec![
            number("connection-count", sum(|it| u64::from(it.is_connected))),
            number("connection-creation-total", sum(|it| it.connects)),
            number("connection-close-total", sum(|it| it.disconnects)),
        ];
        figures.extend(traffic(&statistics.traffic));
        figures
    }

    fn nodes(&self, group: &'static Group, statistics: &Statistics) -> Vec<Reading> {
        let brokers = statistics.brokers.iter();
        let nodes = brokers.map(|(number, broker)| {
            let mut figures = traffic(&broker.traffic).to_vec();
            figures.extend(latency([broker.latency].into_iter()));
            self.reading(group, [&format!("node-{number}")], figures)
        });
        nodes.collect()
    }

    /// A reading with the client's id and more tags.
    fn reading<const N: usize>(
        &self,
        group: &'static Group,
        more: [&str; N],
        figures: Vec<Figure>,
    ) -> Reading {
        let values = std::iter::once(self.id.as_str()).chain(more);
        let tags = group.tags.iter().zip(values);
        let tags: Tags = tags
            .map(|(name, it)| ((*name).into(), it.to_owned()))
            .collect();
        Reading {
            group,
            tags,
            figures,
        }
    }
}

fn traffic(traffic: &Traffic) -> [Figure; 4] {
    [
        number("outgoing-byte-total", float(traffic.bytes_sent)),
        number("incoming-byte-total", float(traffic.bytes_received)),
        number("request-total", float(traffic.requests)),
        number("response-total", float(traffic.responses)),
    ]
}

fn latency(all: impl Iterator<Item = Span>) -> [Figure; 2] {
    spans(["request-latency-avg", "request-latency-max"], all)
}

/// Average and maximum of several spans together.
fn spans([average, maximum]: [&'static str; 2], all: impl Iterator<Item = Span>) -> [Figure; 2] {
    let (mut count, mut sum, mut max) = (0, 0.0, f64::NAN);
    for span in all {
        count += span.count;
        sum += span.average.unwrap_or_default() * float(span.count);
        max = span.maximum.map_or(max, |it| it.max(max));
    }
    [number(average, sum / float(count)), number(maximum, max)]
}

fn sum(topic: &TopicStatistics, count: fn(&connect_kafka::PartitionStatistics) -> u64) -> f64 {
    float(topic.partitions.values().map(count).sum())
}

fn known(value: Option<f64>) -> f64 {
    value.unwrap_or(f64::NAN)
}
