//! Groups of the Kafka clients of tasks: what librdkafka's statistics have a source for, under the
//! Java clients' names.

use super::Kind::{Average, Max, Total, Value};
use super::{Attribute, Group, attribute};

const PRODUCER_DOMAIN: &str = "kafka.producer";
const CONSUMER_DOMAIN: &str = "kafka.consumer";

const CONNECTION_COUNT: Attribute = attribute(
    "connection-count",
    Value,
    "connections",
    "Brokers that the client is connected to.",
);
const CONNECTIONS: Attribute = attribute(
    "connection-creation-total",
    Total,
    "connections",
    "Connections that were attempted.",
);
const DISCONNECTS: Attribute = attribute(
    "connection-close-total",
    Total,
    "connections",
    "Connections that ended.",
);
const OUTGOING: Attribute = attribute(
    "outgoing-byte-total",
    Total,
    "bytes",
    "Bytes sent to brokers.",
);
const INCOMING: Attribute = attribute(
    "incoming-byte-total",
    Total,
    "bytes",
    "Bytes received from brokers.",
);
const REQUESTS: Attribute = attribute(
    "request-total",
    Total,
    "requests",
    "Requests sent to brokers.",
);
const RESPONSES: Attribute = attribute(
    "response-total",
    Total,
    "responses",
    "Responses received from brokers.",
);
const LATENCY_AVG: Attribute = attribute(
    "request-latency-avg",
    Average,
    "ms",
    "Time from a request to its response, in the latest interval.",
);
const LATENCY_MAX: Attribute = attribute("request-latency-max", Max, "ms", "Longest of them.");

pub(in crate::metrics) const PRODUCER: Group = Group {
    domain: PRODUCER_DOMAIN,
    name: "producer-metrics",
    tags: &["client-id"],
    attributes: &[
        CONNECTION_COUNT,
        CONNECTIONS,
        DISCONNECTS,
        OUTGOING,
        INCOMING,
        REQUESTS,
        RESPONSES,
        LATENCY_AVG,
        LATENCY_MAX,
        attribute(
            "requests-in-flight",
            Value,
            "requests",
            "Requests that are not answered yet.",
        ),
        attribute(
            "record-send-total",
            Total,
            "records",
            "Records sent to brokers.",
        ),
        attribute(
            "record-queue-time-avg",
            Average,
            "ms",
            "Time that records waited to be sent, in the latest interval.",
        ),
        attribute("record-queue-time-max", Max, "ms", "Longest of them."),
        attribute(
            "produce-throttle-time-avg",
            Average,
            "ms",
            "Time that brokers held responses back, in the latest interval.",
        ),
        attribute("produce-throttle-time-max", Max, "ms", "Longest of them."),
        attribute(
            "batch-size-avg",
            Average,
            "bytes",
            "Size of batches, in the latest interval.",
        ),
        attribute("batch-size-max", Max, "bytes", "Largest of them."),
        attribute(
            "buffer-total-bytes",
            Value,
            "bytes",
            "Size of the queue of records (`buffer.memory`).",
        ),
        attribute(
            "buffer-available-bytes",
            Value,
            "bytes",
            "What of it is not used.",
        ),
    ],
};

pub(in crate::metrics) const PRODUCER_TOPIC: Group = Group {
    domain: PRODUCER_DOMAIN,
    name: "producer-topic-metrics",
    tags: &["client-id", "topic"],
    attributes: &[
        attribute(
            "record-send-total",
            Total,
            "records",
            "Records sent to the topic.",
        ),
        attribute("byte-total", Total, "bytes", "Bytes sent to the topic."),
    ],
};

const NODE: &[Attribute] = &[
    OUTGOING,
    INCOMING,
    REQUESTS,
    RESPONSES,
    LATENCY_AVG,
    LATENCY_MAX,
];

pub(in crate::metrics) const PRODUCER_NODE: Group = Group {
    domain: PRODUCER_DOMAIN,
    name: "producer-node-metrics",
    tags: &["client-id", "node-id"],
    attributes: NODE,
};

pub(in crate::metrics) const CONSUMER_NODE: Group = Group {
    domain: CONSUMER_DOMAIN,
    name: "consumer-node-metrics",
    tags: &["client-id", "node-id"],
    attributes: NODE,
};

pub(in crate::metrics) const CONSUMER: Group = Group {
    domain: CONSUMER_DOMAIN,
    name: "consumer-metrics",
    tags: &["client-id"],
    attributes: &[
        CONNECTION_COUNT,
        CONNECTIONS,
        DISCONNECTS,
        OUTGOING,
        INCOMING,
        REQUESTS,
        RESPONSES,
    ],
};

const RECORDS_CONSUMED: Attribute = attribute(
    "records-consumed-total",
    Total,
    "records",
    "Records received from brokers.",
);
const BYTES_CONSUMED: Attribute = attribute(
    "bytes-consumed-total",
    Total,
    "bytes",
    "Bytes of records received from brokers.",
);

pub(in crate::metrics) const FETCH: Group = Group {
    domain: CONSUMER_DOMAIN,
    name: "consumer-fetch-manager-metrics",
    tags: &["client-id"],
    attributes: &[
        RECORDS_CONSUMED,
        BYTES_CONSUMED,
        attribute(
            "records-lag-max",
            Max,
            "records",
            "Largest lag of the partitions at present.",
        ),
        attribute(
            "fetch-throttle-time-avg",
            Average,
            "ms",
            "Time that brokers held responses back, in the latest interval.",
        ),
        attribute("fetch-throttle-time-max", Max, "ms", "Longest of them."),
    ],
};

pub(in crate::metrics) const FETCH_TOPIC: Group = Group {
    domain: CONSUMER_DOMAIN,
    name: "consumer-fetch-manager-metrics",
    tags: &["client-id", "topic"],
    attributes: &[RECORDS_CONSUMED, BYTES_CONSUMED],
};

pub(in crate::metrics) const FETCH_PARTITION: Group = Group {
    domain: CONSUMER_DOMAIN,
    name: "consumer-fetch-manager-metrics",
    tags: &["client-id", "topic", "partition"],
    attributes: &[
        attribute(
            "records-lag",
            Value,
            "records",
            "Records behind the one that is read next.",
        ),
        attribute(
            "records-lead",
            Value,
            "records",
            "Records before the one that is read next.",
        ),
    ],
};

pub(in crate::metrics) const CONSUMER_COORDINATOR: Group = Group {
    domain: CONSUMER_DOMAIN,
    name: "consumer-coordinator-metrics",
    tags: &["client-id"],
    attributes: &[
        attribute(
            "assigned-partitions",
            Value,
            "partitions",
            "Partitions that the group has given to the consumer.",
        ),
        attribute(
            "rebalance-total",
            Total,
            "rebalances",
            "Rebalances that the consumer went through.",
        ),
        attribute(
            "last-rebalance-seconds-ago",
            Value,
            "s",
            "Time since the latest of them; -1 before the first.",
        ),
    ],
};
